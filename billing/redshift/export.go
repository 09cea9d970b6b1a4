package redshift

import (
	"context"
	"fmt"

	"backstop/billing"
)

// Parties lists whom a period's lines are about.
func (w *Warehouse) Parties(ctx context.Context, p billing.Period) ([]billing.Party, error) {
	parties := []billing.Party{}
	err := w.db.SelectContext(ctx, &parties, "SELECT DISTINCT party_type, party_id FROM marts.fct_invoice_lines WHERE period = $1 ORDER BY party_type, party_id", p.String())
	if err != nil {
		return nil, fmt.Errorf("list the parties of %s: %w", p, err)
	}
	return parties, nil
}

// Lines gives the lines of one party's invoice, adjustments last.
func (w *Warehouse) Lines(ctx context.Context, p billing.Period, party billing.Party) ([]billing.Line, error) {
	lines := []billing.Line{}
	err := w.db.SelectContext(ctx, &lines, `SELECT l.line_id, l.status, l.period, l.origin_period, l.kind, l.party_type, l.party_id, l.offer_id, l.goal_id, l.payout_type,
			l.currency, l.conversions, l.rate::VARCHAR AS rate, l.amount::VARCHAR AS amount, l.reason, NVL(c.minor_unit, 2) AS minor_unit
		FROM marts.fct_invoice_lines AS l LEFT JOIN seeds.currencies AS c ON c.code = l.currency
		WHERE l.period = $1 AND l.party_type = $2 AND l.party_id = $3
		ORDER BY l.kind DESC, l.origin_period, l.currency, l.offer_id, l.goal_id, l.payout_type`, p.String(), party.Type, party.ID)
	if err != nil {
		return nil, fmt.Errorf("read the lines of %s in %s: %w", party, p, err)
	}
	return lines, nil
}

// EachItem hands over what the party's lines are made of, in the order of lines and days: of a closed line what was booked with it, of an
// open one what would be booked now.
func (w *Warehouse) EachItem(ctx context.Context, p billing.Period, party billing.Party, take func(billing.Item) error) error {
	const columns = ` i.report_date::VARCHAR AS report_date, NVL(i.click_id, '') AS click_id, i.conversion_id, NVL(i.event_name, '') AS event_name,
		i.offer_id, i.goal_id, i.currency, i.conversions, i.amount::VARCHAR AS amount, i.reason`
	const ofParty = ` WHERE l.period = $1 AND l.party_type = $2 AND l.party_id = $3`
	rows, err := w.db.QueryxContext(ctx, `SELECT l.line_id,`+columns+`
		FROM billing.closed_lines AS l JOIN billing.closed_items AS i ON i.line_id = l.line_id`+ofParty+`
		UNION ALL
		SELECT l.line_id,`+columns+`
		FROM marts.fct_invoice_lines AS l JOIN `+openItems+` AS i ON `+itemsOfLine+ofParty+` AND l.status = 'open'
		ORDER BY 1, 2, 4`, p.String(), party.Type, party.ID)
	if err != nil {
		return fmt.Errorf("read the items of %s in %s: %w", party, p, err)
	}
	defer rows.Close()
	for rows.Next() {
		var item billing.Item
		if err := rows.StructScan(&item); err != nil {
			return fmt.Errorf("read an item of %s in %s: %w", party, p, err)
		}
		if err := take(item); err != nil {
			return err
		}
	}
	return rows.Err()
}
