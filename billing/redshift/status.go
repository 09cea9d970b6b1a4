package redshift

import (
	"context"
	"fmt"
	"time"

	"backstop/billing"

	"github.com/jmoiron/sqlx"
)

// State is what billing knows of its periods.
type State struct {
	Sums     []billing.Sum     `json:"sums"`
	Review   []billing.Waiting `json:"review"`
	Closings []Closing         `json:"closings"`
}

// Closing is who closed a period, when, and with which words.
type Closing struct {
	Period string    `json:"period" db:"period"`
	By     string    `json:"closed_by" db:"closed_by"`
	Note   string    `json:"note" db:"note"`
	At     time.Time `json:"closed_at" db:"closed_at"`
}

// Status sums up every period, the newest first, or one period.
func (w *Warehouse) Status(ctx context.Context, period string) (State, error) {
	state := State{Closings: []Closing{}}
	var err error
	if state.Sums, err = sums(ctx, w.db, period); err != nil {
		return state, err
	}
	if state.Review, err = waiting(ctx, w.db, period); err != nil {
		return state, err
	}
	err = w.db.SelectContext(ctx, &state.Closings, `SELECT period, closed_by, note, closed_at FROM billing.closings
		WHERE $1 IN ('', period) ORDER BY period DESC`, period)
	if err != nil {
		return state, fmt.Errorf("read the closings: %w", err)
	}
	return state, nil
}

// sums adds the lines up; an empty period is all of them.
func sums(ctx context.Context, q sqlx.QueryerContext, period string) ([]billing.Sum, error) {
	found := []billing.Sum{}
	err := sqlx.SelectContext(ctx, q, &found, `SELECT period, status, party_type, currency, COUNT(DISTINCT party_id) AS parties, COUNT(*) AS lines,
			SUM(conversions) AS conversions, SUM(CASE WHEN kind = 'regular' THEN amount ELSE 0 END)::VARCHAR AS regular,
			SUM(CASE WHEN kind = 'adjustment' THEN amount ELSE 0 END)::VARCHAR AS adjustments, SUM(amount)::VARCHAR AS amount
		FROM marts.fct_invoice_lines WHERE $1 IN ('', period)
		GROUP BY period, status, party_type, currency ORDER BY period DESC, status, party_type, currency`, period)
	if err != nil {
		return nil, fmt.Errorf("add up the invoice lines: %w", err)
	}
	return found, nil
}

// waiting counts what is in review; an empty period is all of them.
func waiting(ctx context.Context, q sqlx.QueryerContext, period string) ([]billing.Waiting, error) {
	found := []billing.Waiting{}
	err := sqlx.SelectContext(ctx, q, &found, `SELECT TO_CHAR(report_date, 'YYYY-MM') AS period, billing_reason AS reason, NVL(currency, '') AS currency,
			COUNT(*) AS conversions, SUM(NVL(revenue, 0))::VARCHAR AS revenue, SUM(NVL(payout, 0))::VARCHAR AS payout
		FROM marts.fct_conversions WHERE billing_status = 'review' AND $1 IN ('', TO_CHAR(report_date, 'YYYY-MM'))
		GROUP BY 1, 2, 3 ORDER BY 1 DESC, 4 DESC, 2, 3`, period)
	if err != nil {
		return nil, fmt.Errorf("count what is in review: %w", err)
	}
	return found, nil
}
