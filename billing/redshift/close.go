package redshift

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"backstop/billing"

	"github.com/jmoiron/sqlx"
)

const (
	lineColumns = `line_id, period, origin_period, kind, party_type, party_id, offer_id, goal_id, payout_type, currency, conversions, rate,
		exact_amount, amount, checksum, reason`
	itemColumns = `line_id, origin_period, report_date, conversion_id, click_id, event_name, party_type, party_id, offer_id, goal_id, payout_type,
		currency, conversions, amount, checksum, reason`
)

// errDryRun ends the transaction of a closing that was only tried.
var errDryRun = errors.New("nothing is to be kept")

// Close books the open lines of a period with their items, all in one transaction: what is read, objected to and written is one state of the
// facts. A period that is closed already is no error, and nothing is booked again. A *billing.Refusal names every objection.
func (w *Warehouse) Close(ctx context.Context, c billing.Closing) (billing.Closed, error) {
	var closed billing.Closed
	err := w.locked(ctx, func(tx *sqlx.Tx) error {
		earlier, err := closingOf(ctx, tx, c.Period)
		if err != nil || earlier != nil {
			if earlier != nil {
				closed = *earlier
			}
			return err
		}
		if closed, err = closeOnce(ctx, tx, c); err != nil {
			return err
		}
		if c.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return closed, err
}

func closeOnce(ctx context.Context, tx *sqlx.Tx, c billing.Closing) (billing.Closed, error) {
	ready, err := readiness(ctx, tx, c.Period)
	if err != nil {
		return billing.Closed{}, err
	}
	objections := ready.Objections(c.Zone)
	if len(objections) > 0 && !c.Force && !c.DryRun {
		return billing.Closed{}, &billing.Refusal{Reasons: objections}
	}
	closed := billing.Closed{ClosingID: c.ID, Period: c.Period.String(), By: c.By, Note: note(c, objections), Objections: objections}
	if closed.Sums, err = sums(ctx, tx, c.Period.String()); err != nil {
		return closed, err
	}
	if closed.Review, err = waiting(ctx, tx, c.Period.String()); err != nil {
		return closed, err
	}
	if err := tx.GetContext(ctx, &closed.At, "SELECT GETDATE()"); err != nil {
		return closed, fmt.Errorf("read the warehouse's clock: %w", err)
	}
	if err := stage(ctx, tx, c.Period.String()); err != nil {
		return closed, err
	}
	if err := tx.QueryRowxContext(ctx, "SELECT (SELECT COUNT(*) FROM closing_lines), (SELECT COUNT(*) FROM closing_items)").Scan(&closed.Lines, &closed.Items); err != nil {
		return closed, fmt.Errorf("count what is to be closed: %w", err)
	}
	return closed, book(ctx, tx, closed)
}

func note(c billing.Closing, objections []string) string {
	if len(objections) == 0 {
		return c.Note
	}
	overridden := "closed in spite of: " + strings.Join(objections, "; ")
	text := strings.Join(slices.DeleteFunc([]string{c.Note, overridden}, func(s string) bool { return s == "" }), ". ")
	const column = 1000 // bytes
	return strings.ToValidUTF8(text[:min(len(text), column)], "")
}

func closingOf(ctx context.Context, tx *sqlx.Tx, p billing.Period) (*billing.Closed, error) {
	closed := billing.Closed{Already: true, Period: p.String(), Objections: []string{}, Sums: []billing.Sum{}, Review: []billing.Waiting{}}
	err := tx.QueryRowxContext(ctx, "SELECT closing_id, closed_by, note, lines, items, closed_at FROM billing.closings WHERE period = $1", p.String()).
		Scan(&closed.ClosingID, &closed.By, &closed.Note, &closed.Lines, &closed.Items, &closed.At)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an earlier closing of %s: %w", p, err)
	}
	closed.Sums, err = sums(ctx, tx, p.String())
	return &closed, err
}

// stage copies the lines and their items aside before anything is booked: the marts' views would show them as closed from then on.
func stage(ctx context.Context, tx *sqlx.Tx, period string) error {
	err := carryOut(ctx, tx, []step{
		{what: "make room for the lines", statement: "CREATE TEMP TABLE closing_lines (LIKE billing.closed_lines)"},
		{what: "make room for the items", statement: "CREATE TEMP TABLE closing_items (LIKE billing.closed_items)"},
		{"read the open lines", `INSERT INTO closing_lines (closing_id, ` + lineColumns + `)
			SELECT '', ` + lineColumns + ` FROM marts.fct_invoice_lines WHERE status = 'open' AND period = $1`, []any{period}},
		{what: "read their items", statement: `INSERT INTO closing_items (closing_id, ` + itemColumns + `)
			SELECT '', l.line_id, i.origin_period, i.report_date, i.conversion_id, i.click_id, i.event_name, i.party_type, i.party_id, i.offer_id, i.goal_id,
				i.payout_type, i.currency, i.conversions, i.amount, i.checksum, i.reason
			FROM closing_lines AS l JOIN ` + openItems + ` AS i ON ` + itemsOfLine},
	})
	if err != nil {
		return err
	}
	return addUp(ctx, tx)
}

// addUp refuses lines that their items do not explain.
func addUp(ctx context.Context, tx *sqlx.Tx) error {
	var wrong []string
	err := tx.SelectContext(ctx, &wrong, `SELECT l.party_type || ' ' || l.party_id || ', offer ' || l.offer_id || ', ' || l.origin_period
		FROM closing_lines AS l
		LEFT JOIN (SELECT line_id, SUM(conversions) AS conversions, SUM(amount) AS amount, SUM(checksum) AS checksum FROM closing_items GROUP BY line_id) AS i ON i.line_id = l.line_id
		WHERE l.conversions <> NVL(i.conversions, 0) OR l.exact_amount <> NVL(i.amount, 0) OR l.checksum <> NVL(i.checksum, 0) ORDER BY 1`)
	if err != nil {
		return fmt.Errorf("hold the lines against their items: %w", err)
	}
	if len(wrong) > 0 {
		return billing.Refuse("the items of %d lines do not add up to them (%s): run the days of these periods again", len(wrong), strings.Join(wrong[:min(len(wrong), 3)], "; "))
	}
	return nil
}

func book(ctx context.Context, tx *sqlx.Tx, c billing.Closed) error {
	return carryOut(ctx, tx, []step{
		{"enter the closing", `INSERT INTO billing.closings (closing_id, period, closed_by, note, lines, items, closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			[]any{c.ClosingID, c.Period, c.By, c.Note, c.Lines, c.Items, c.At.Format(time.DateTime)}},
		{"book the lines", `INSERT INTO billing.closed_lines (closing_id, ` + lineColumns + `) SELECT $1, ` + lineColumns + ` FROM closing_lines`, []any{c.ClosingID}},
		{"book the items", `INSERT INTO billing.closed_items (closing_id, ` + itemColumns + `) SELECT $1, ` + itemColumns + ` FROM closing_items`, []any{c.ClosingID}},
		{what: "drop the copies of the lines", statement: "DROP TABLE closing_lines"},
		{what: "drop the copies of the items", statement: "DROP TABLE closing_items"},
	})
}
