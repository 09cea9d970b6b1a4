package airflow

import (
	"context"
	"fmt"
	"net/http"
)

// Answer is what a person says to a task that asks whether to go on.
type Answer string

// The answers that Airflow's approval takes.
const (
	Approve Answer = "Approve"
	Reject  Answer = "Reject"
)

// AwaitingInput is the state of a task that waits for a person.
const AwaitingInput = "awaiting_input"

// RunMonth triggers the DAG for a month, like 2026-10, and waits for the run's end as Run does. If a task of it waits for a person,
// so does RunMonth: see Answer.
func (c *Client) RunMonth(ctx context.Context, dagID, period string, progress func(Task)) (Run, error) {
	return c.run(ctx, dagID, "period", period, progress)
}

// Answer answers every question of the DAG that is open, in the name of the one who is logged in.
func (c *Client) Answer(ctx context.Context, dagID string, answer Answer, note string) error {
	var open struct {
		Questions []struct {
			Task struct {
				ID    string `json:"task_id"`
				RunID string `json:"dag_run_id"`
			} `json:"task_instance"`
		} `json:"hitl_details"`
	}
	place := pathOf("dags", dagID, "dagRuns", "~") + "/hitlDetails?response_received=false&state=" + AwaitingInput
	if err := c.call(ctx, http.MethodGet, place, nil, &open); err != nil {
		return fmt.Errorf("ask what %s waits for: %w", dagID, err)
	}
	if len(open.Questions) == 0 {
		return fmt.Errorf("no task of %s waits for an answer", dagID)
	}
	said := map[string]any{"chosen_options": []Answer{answer}, "params_input": map[string]string{"note": note}}
	for _, q := range open.Questions {
		place := pathOf("dags", dagID, "dagRuns", q.Task.RunID, "taskInstances", q.Task.ID, "-1", "hitlDetails") // -1: not mapped
		if err := c.call(ctx, http.MethodPatch, place, said, nil); err != nil {
			return fmt.Errorf("answer %s of run %s of %s: %w", q.Task.ID, q.Task.RunID, dagID, err)
		}
	}
	return nil
}
