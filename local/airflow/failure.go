package airflow

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// logLine is one line of a task's log; of an exception, Details hold the chain, the outermost first.
type logLine struct {
	Event   string `json:"event"`
	Level   string `json:"level"`
	Details []struct {
		Type  string `json:"exc_type"`
		Value string `json:"exc_value"`
	} `json:"error_detail"`
}

// explain turns a failed run into an error that says what its first failed task said.
func (c *Client) explain(ctx context.Context, dagID string, run Run) error {
	failed := &RunError{DAG: dagID, Run: run, Task: "no task", Log: "see the run in Airflow"}
	i := slices.IndexFunc(run.Tasks, func(t Task) bool { return t.State == "failed" })
	if i < 0 {
		return failed
	}
	task := run.Tasks[i]
	failed.Task = task.ID
	var log struct {
		Lines []logLine `json:"content"`
	}
	place := pathOf("dags", dagID, "dagRuns", run.ID, "taskInstances", task.ID, "logs", strconv.Itoa(task.Try))
	if err := c.call(ctx, http.MethodGet, place, nil, &log); err != nil {
		failed.Log = fmt.Sprintf("its log cannot be read: %v", err)
		return failed
	}
	for _, line := range log.Lines {
		if line.Level == "error" || line.Level == "critical" {
			failed.Log = line.text()
		}
		if len(line.Details) > 0 {
			return failed
		}
	}
	return failed
}

func (l logLine) text() string {
	if len(l.Details) == 0 {
		return l.Event
	}
	return l.Details[len(l.Details)-1].Value
}
