package redshift

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"backstop/billing"

	"github.com/jmoiron/sqlx"
)

// Candidate is a conversion that waits for a person.
type Candidate struct {
	ConversionID string `json:"conversion_id" db:"conversion_id"`
	ReportDate   string `json:"report_date" db:"report_date"`
	Reason       string `json:"reason" db:"reason"`
	Source       string `json:"source" db:"source"`
	EventName    string `json:"event_name" db:"event_name"`
	OfferID      string `json:"offer_id" db:"offer_id"`
	ClickID      string `json:"click_id" db:"click_id"`
	Revenue      string `json:"revenue" db:"revenue"`
	Payout       string `json:"payout" db:"payout"`
	Currency     string `json:"currency" db:"currency"`
	Evidence     string `json:"evidence" db:"evidence"` // of the fraud rules that hit it
}

// Candidates lists a period's conversions in review, the most valuable first; an empty reason is all of them.
func (w *Warehouse) Candidates(ctx context.Context, p billing.Period, reason string, limit int) ([]Candidate, error) {
	found := []Candidate{}
	err := w.db.SelectContext(ctx, &found, `SELECT c.conversion_id, c.report_date::VARCHAR AS report_date, c.billing_reason AS reason, c.source, c.event_name,
			NVL(c.offer_id, '') AS offer_id, NVL(c.click_id, '') AS click_id, NVL(c.revenue, 0)::VARCHAR AS revenue, NVL(c.payout, 0)::VARCHAR AS payout,
			NVL(c.currency, '') AS currency, NVL(f.evidence, '') AS evidence
		FROM marts.fct_conversions AS c
		LEFT JOIN (
			SELECT conversion_id, LISTAGG(rule_id || ': ' || evidence, '; ') WITHIN GROUP (ORDER BY rule_id) AS evidence
			FROM intermediate.int_conversion_flags WHERE report_date BETWEEN $1 AND $2 GROUP BY conversion_id
		) AS f ON f.conversion_id = c.conversion_id
		WHERE c.billing_status = 'review' AND c.report_date BETWEEN $1 AND $2 AND $3 IN ('', c.billing_reason)
		ORDER BY NVL(c.revenue, 0) DESC, c.conversion_id LIMIT `+strconv.Itoa(limit), p.FirstDay(), p.LastDay(), reason)
	if err != nil {
		return nil, fmt.Errorf("list what is in review: %w", err)
	}
	return found, nil
}

// decisionsAtOnce keeps a statement far below the protocol's 32,767 parameters.
const decisionsAtOnce = 1000

// Decide records decisions, all or none. Conversions that nobody knows and those that the MMP rejects, which no decision can bill, are refused.
func (w *Warehouse) Decide(ctx context.Context, decisions []billing.Decision) error {
	return w.locked(ctx, func(tx *sqlx.Tx) error {
		for chunk := range slices.Chunk(decisions, decisionsAtOnce) {
			if err := known(ctx, tx, chunk); err != nil {
				return err
			}
			if err := enter(ctx, tx, chunk); err != nil {
				return err
			}
		}
		return nil
	})
}

func known(ctx context.Context, tx *sqlx.Tx, decisions []billing.Decision) error {
	ids := make([]string, len(decisions))
	for i, d := range decisions {
		ids[i] = d.ConversionID
	}
	query, args, err := sqlx.In("SELECT conversion_id, is_rejected FROM marts.fct_conversions WHERE conversion_id IN (?)", ids)
	if err != nil {
		return fmt.Errorf("look the conversions up: %w", err)
	}
	var found []struct {
		ID       string `db:"conversion_id"`
		Rejected bool   `db:"is_rejected"`
	}
	if err := tx.SelectContext(ctx, &found, tx.Rebind(query), args...); err != nil {
		return fmt.Errorf("look the conversions up: %w", err)
	}
	rejected := map[string]bool{}
	for _, row := range found {
		rejected[row.ID] = row.Rejected
	}
	var refusal billing.Refusal
	for _, d := range decisions {
		switch isRejected, isKnown := rejected[d.ConversionID]; {
		case !isKnown:
			refusal.Reasons = append(refusal.Reasons, fmt.Sprintf("there is no conversion %s in marts.fct_conversions", d.ConversionID))
		case isRejected && d.Verdict == billing.Billable:
			refusal.Reasons = append(refusal.Reasons, fmt.Sprintf("the MMP rejects %s; no decision bills it", d.ConversionID))
		}
	}
	if len(refusal.Reasons) > 0 {
		return &refusal
	}
	return nil
}

func enter(ctx context.Context, tx *sqlx.Tx, decisions []billing.Decision) error {
	var now time.Time
	if err := tx.GetContext(ctx, &now, "SELECT GETDATE()"); err != nil {
		return fmt.Errorf("read the warehouse's clock: %w", err)
	}
	values := make([]string, len(decisions))
	var args []any
	for i, d := range decisions {
		n := len(args)
		values[i] = fmt.Sprintf("($%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5)
		args = append(args, d.ConversionID, d.Verdict, d.Reason, d.By, now.Format(time.DateTime))
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO billing.decisions (conversion_id, decision, reason, decided_by, decided_at) VALUES "+strings.Join(values, ", "), args...)
	if err != nil {
		return fmt.Errorf("enter the decisions: %w", err)
	}
	return nil
}
