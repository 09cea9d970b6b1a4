package redshift

import (
	"context"
	"database/sql"
	"fmt"

	"backstop/billing"

	"github.com/jmoiron/sqlx"
)

// readiness asks the marts and the ledger what stands against closing a period.
func readiness(ctx context.Context, tx *sqlx.Tx, p billing.Period) (billing.Readiness, error) {
	r := billing.Readiness{Period: p}
	var landed, asked sql.NullTime
	period, first, last := p.String(), p.FirstDay(), p.LastDay()
	for _, question := range []struct {
		what, query string
		answer      any
		args        []any
	}{
		{"look for earlier open periods", `SELECT DISTINCT period FROM marts.fct_invoice_lines WHERE status = 'open' AND period < $1 ORDER BY period`,
			&r.EarlierOpen, []any{period}},
		{"read how far data has landed", `SELECT MAX(DATEADD(hour, hr + 1, dt::TIMESTAMP)) FROM intermediate.int_loads_landed WHERE rows > 0`, &landed, nil},
		{"read when TUNE was last asked", `SELECT MAX(observed_at) FROM intermediate.int_tune_fetches_landed WHERE window_from <= $1 AND window_to >= $1`,
			&asked, []any{last}},
		{"look for days that were not rebuilt", `SELECT DISTINCT p.receipt_date::VARCHAR FROM intermediate.int_postbacks_landed AS p
			WHERE p.receipt_date BETWEEN $1 AND $2 AND NOT EXISTS (
				SELECT 1 FROM intermediate.int_days_to_process AS d JOIN ops.runs AS r ON r.run_id = d.run_id
				WHERE d.report_date = p.receipt_date AND d.is_within_window AND r.status = 'finished')
			ORDER BY 1`, &r.DaysNotRebuilt, []any{first, last}},
		{"look for loads that no run has taken", `SELECT COUNT(*) FROM staging.stg_ledger__loads AS l
			WHERE l.rows > 0 AND l.status <> 'purged' AND l.dt BETWEEN $1 AND DATEADD(day, 1, $2::DATE) AND NOT EXISTS (
				SELECT 1 FROM ops.run_loads AS t JOIN ops.runs AS r ON r.run_id = t.run_id WHERE t.load_id = l.load_id AND r.status = 'finished')`,
			&r.LoadsNotTaken, []any{first, last}},
		{"count what is in flight", `SELECT COUNT(*) FROM marts.fct_tune_reconciliation WHERE class = 'in_flight' AND report_date BETWEEN $1 AND $2`,
			&r.InFlight, []any{first, last}},
	} {
		ask := tx.GetContext
		if _, many := question.answer.(*[]string); many {
			ask = tx.SelectContext
		}
		if err := ask(ctx, question.answer, question.query, question.args...); err != nil {
			return r, fmt.Errorf("%s: %w", question.what, err)
		}
	}
	r.LandedUntil, r.TuneAskedAt = landed.Time, asked.Time
	return r, nil
}
