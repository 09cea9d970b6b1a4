package demo

import (
	"context"

	"backstop/local/airflow"
)

const dailyDAG = "postbacks_daily"

// daily has the days' runs done by a real Airflow.
type daily struct {
	airflow  *airflow.Airflow
	progress Progress
	last     airflow.Run
}

func (r *daily) Run(ctx context.Context, day string) error {
	var err error
	r.last, err = r.airflow.Run(ctx, dailyDAG, day, r.task)
	return err
}

func (r *daily) Again(ctx context.Context) error {
	return r.airflow.Clear(ctx, dailyDAG, r.last.ID, r.task)
}

func (r *daily) Stop(ctx context.Context) error { return r.airflow.Stop(ctx) }

func (r *daily) task(t airflow.Task) {
	if t.State == "success" || t.State == "failed" {
		r.progress.Note("    %-14s %-8s %5.1f s", t.ID, t.State, t.Elapsed.Seconds())
	}
}
