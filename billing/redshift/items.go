package redshift

// openItems are what open lines are made of, in the columns of billing.closed_items but for the line: every billable conversion for the
// regular ones, and what has changed since for adjustments. Joined with lines by itemsOfLine, the regular ones of closed periods find none.
const openItems = `(
		SELECT 'regular' AS kind, period AS origin_period, report_date, conversion_id, click_id, event_name, party_type, party_id, offer_id, goal_id,
			payout_type, currency, 1 AS conversions, amount, checksum, '' AS reason
		FROM marts.fct_invoice_items
		UNION ALL
		SELECT 'adjustment', origin_period, report_date, conversion_id, click_id, event_name, party_type, party_id, offer_id, goal_id,
			payout_type, currency, conversions, amount, checksum, reason
		FROM intermediate.int_invoice_differences
	)`

// itemsOfLine joins items i with the line l that they are part of.
const itemsOfLine = `i.kind = l.kind AND i.origin_period = l.origin_period AND i.party_type = l.party_type AND i.party_id = l.party_id
		AND i.offer_id = l.offer_id AND i.goal_id = l.goal_id AND i.payout_type = l.payout_type AND i.currency = l.currency`
