package demo

import (
	"context"
	"database/sql"
	"fmt"
)

// Values are the columns of one row as text; NULL is "".
type Values map[string]string

// Marts is what the marts say, keyed as the traffic's truth is.
type Marts struct {
	Postbacks   map[string]Values // by postback_id
	Unverified  map[string]Values // by postback_id
	Conversions map[string]Values // by the postback_id of the first receipt, with the conversion's reconciliation
	TuneOnly    map[string]Values // by TUNE's conversion id
}

// ReadMarts reads the columns that the truth speaks of.
func ReadMarts(ctx context.Context, db querier) (Marts, error) {
	var m Marts
	for _, part := range []struct {
		what, query string
		into        *map[string]Values
	}{
		{"postbacks", `select postback_id as id, receipt_date, source, copy_kind from marts.fct_postbacks`, &m.Postbacks},
		{"unverified postbacks", `select postback_id as id, receipt_date, verdict from marts.fct_unverified_postbacks`, &m.Unverified},
		{"conversions", `select c.first_postback_id as id, c.report_date, c.mmp_verdict, c.has_deterministic_flag, c.possible_repeat, c.input_flags,
			coalesce(f.heuristic, 0) > 0 as has_heuristic_flag, c.paused_at_click, c.paused_at_conversion, c.billing_status, c.billing_reason,
			c.payout, c.revenue, c.sale_amount, c.currency, r.class, r.revenue_at_risk, r.payout_at_risk
			from marts.fct_conversions c
			left join marts.fct_tune_reconciliation r on r.conversion_id = c.conversion_id
			left join (select conversion_id, count(*) as heuristic from intermediate.int_conversion_flags
				where severity = 'heuristic' group by conversion_id) f on f.conversion_id = c.conversion_id`, &m.Conversions},
		{"rows that only TUNE has", `select tune_conversion_id as id, report_date, class, tune_payout as payout, tune_revenue as revenue,
			revenue_at_risk, payout_at_risk, currency
			from marts.fct_tune_reconciliation where conversion_id is null`, &m.TuneOnly},
	} {
		rows, err := readValues(ctx, db, part.query)
		if err != nil {
			return m, fmt.Errorf("read the %s: %w", part.what, err)
		}
		*part.into = rows
	}
	return m, nil
}

// readValues reads rows keyed by their column "id".
func readValues(ctx context.Context, db querier, query string) (map[string]Values, error) {
	read := map[string]Values{}
	return read, eachRow(ctx, db, query, func(row *sql.Rows) error {
		columns, err := row.Columns()
		if err != nil {
			return err
		}
		fields := make([]field, len(columns))
		targets := make([]any, len(columns))
		for i := range fields {
			targets[i] = &fields[i]
		}
		err = row.Scan(targets...)
		values := Values{}
		for i, column := range columns {
			values[column] = string(fields[i])
		}
		read[values["id"]] = values
		return err
	})
}
