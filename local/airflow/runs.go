package airflow

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

// Task is a task of a run at one moment. State is Airflow's word: scheduled, queued, running, success, failed, up_for_retry, …
type Task struct {
	ID      string
	State   string
	Try     int
	Elapsed time.Duration // of its newest try, once that has ended
}

// Run is a run that has ended.
type Run struct {
	ID      string
	State   string // success or failed
	Elapsed time.Duration
	Tasks   []Task
}

// RunError is a run that has failed.
type RunError struct {
	DAG  string
	Run  Run
	Task string // the first that failed
	Log  string // what that task's log says of it
}

func (e *RunError) Error() string {
	return fmt.Sprintf("run %s of %s failed at %s: %s", e.Run.ID, e.DAG, e.Task, e.Log)
}

// Run triggers the DAG for a day and waits for the run's end: see Airflow.Run.
func (c *Client) Run(ctx context.Context, dagID, day string, progress func(Task)) (Run, error) {
	return c.run(ctx, dagID, "day", day, progress)
}

// run triggers the DAG with one parameter and waits for the run's end.
func (c *Client) run(ctx context.Context, dagID, param, value string, progress func(Task)) (Run, error) {
	if err := c.Unpause(ctx, dagID); err != nil {
		return Run{}, err
	}
	var run runAnswer
	trigger := map[string]any{"logical_date": nil, "conf": map[string]string{param: value}}
	if err := c.call(ctx, http.MethodPost, pathOf("dags", dagID, "dagRuns"), trigger, &run); err != nil {
		return Run{}, fmt.Errorf("trigger %s for %s: %w", dagID, value, err)
	}
	return c.wait(ctx, dagID, run.ID, progress)
}

// Clear clears all tasks of a run and waits for its new end: see Airflow.Clear.
func (c *Client) Clear(ctx context.Context, dagID, runID string, progress func(Task)) error {
	clear := map[string]any{"dry_run": false}
	if err := c.call(ctx, http.MethodPost, pathOf("dags", dagID, "dagRuns", runID, "clear"), clear, nil); err != nil {
		return fmt.Errorf("clear run %s of %s: %w", runID, dagID, err)
	}
	_, err := c.wait(ctx, dagID, runID, progress)
	return err
}

// Unpause lets the DAG run once it has been parsed. An Airflow that runs by timetable then starts the run of the newest interval.
func (c *Client) Unpause(ctx context.Context, dagID string) error {
	for {
		err := c.call(ctx, http.MethodPatch, pathOf("dags", dagID), map[string]bool{"is_paused": false}, nil)
		if !hasStatus(err, http.StatusNotFound) {
			return err
		}
		if err := c.importError(ctx, dagID); err != nil {
			return err
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("wait for the DAG %s to be parsed: %w", dagID, err)
		}
	}
}

// importError is why the file of that name could not be parsed; nil if there is nothing to say.
func (c *Client) importError(ctx context.Context, dagID string) error {
	var answer struct {
		Errors []struct {
			File  string `json:"filename"`
			Trace string `json:"stack_trace"`
		} `json:"import_errors"`
	}
	if err := c.call(ctx, http.MethodGet, "/importErrors", nil, &answer); err != nil {
		return fmt.Errorf("ask which DAGs cannot be parsed: %w", err)
	}
	for _, e := range answer.Errors {
		if path.Base(e.File) == dagID+".py" {
			lines := strings.Split(strings.TrimSpace(e.Trace), "\n")
			return fmt.Errorf("Airflow cannot parse %s: %s", e.File, lines[len(lines)-1])
		}
	}
	return nil
}

// wait follows a run to its end.
func (c *Client) wait(ctx context.Context, dagID, runID string, progress func(Task)) (Run, error) {
	told := map[string]Task{}
	for {
		run, err := c.look(ctx, dagID, runID)
		if err != nil {
			return Run{}, err
		}
		for _, task := range run.Tasks {
			if task.State != "" && task != told[task.ID] {
				told[task.ID] = task
				progress(task)
			}
		}
		switch run.State {
		case "success":
			return run, nil
		case "failed":
			return run, c.explain(ctx, dagID, run)
		}
		if err := pause(ctx); err != nil {
			return Run{}, fmt.Errorf("wait for run %s of %s: %w", runID, dagID, err)
		}
	}
}

// runAnswer and taskAnswer are the parts of Airflow's answers that are read.
type runAnswer struct {
	ID       string   `json:"dag_run_id"`
	State    string   `json:"state"`
	Duration *float64 `json:"duration"` // seconds
}

type taskAnswer struct {
	ID       string     `json:"task_id"`
	State    *string    `json:"state"`
	Try      int        `json:"try_number"`
	Start    *time.Time `json:"start_date"`
	Duration *float64   `json:"duration"`
}

// look reads the run before its tasks, so that of a run that has ended all tasks are seen in their last state.
func (c *Client) look(ctx context.Context, dagID, runID string) (Run, error) {
	var run runAnswer
	var tasks struct {
		Instances []taskAnswer `json:"task_instances"`
	}
	place := pathOf("dags", dagID, "dagRuns", runID)
	if err := c.call(ctx, http.MethodGet, place, nil, &run); err != nil {
		return Run{}, fmt.Errorf("look at run %s of %s: %w", runID, dagID, err)
	}
	if err := c.call(ctx, http.MethodGet, place+"/taskInstances?order_by=start_date", nil, &tasks); err != nil {
		return Run{}, fmt.Errorf("look at the tasks of run %s of %s: %w", runID, dagID, err)
	}
	found := Run{ID: run.ID, State: run.State, Elapsed: elapsed(run.Duration)}
	for _, t := range tasks.Instances {
		task := Task{ID: t.ID, Try: t.Try}
		if t.State != nil {
			task.State = *t.State
		}
		if task.State == "success" || task.State == "failed" {
			task.Elapsed = elapsed(t.Duration)
		}
		found.Tasks = append(found.Tasks, task)
	}
	return found, nil
}

func elapsed(seconds *float64) time.Duration {
	if seconds == nil {
		return 0
	}
	return time.Duration(*seconds * float64(time.Second))
}
