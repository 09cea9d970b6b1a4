package demo

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// measureMarts fills what the marts say about each day; the days are keyed by date.
func measureMarts(ctx context.Context, db *sql.DB, days map[string]*Day) error {
	counts := []struct {
		what, query string
		into        func(d *Day, n int)
	}{
		{"unverified postbacks", `select receipt_date::varchar, count(*) from marts.fct_unverified_postbacks group by 1`,
			func(d *Day, n int) { d.Unverified = n }},
		{"duplicates", `select receipt_date::varchar, count(*) from marts.fct_postbacks
			where copy_kind in ('sender_retry', 'business_repeat') group by 1`, func(d *Day, n int) { d.Duplicates = n }},
		{"conversions", `select report_date::varchar, count(*) from marts.fct_conversions group by 1`, func(d *Day, n int) { d.Conversions = n }},
		{"rejected conversions", `select report_date::varchar, count(*) from marts.fct_conversions where is_rejected group by 1`,
			func(d *Day, n int) { d.Rejected = n }},
		{"suspected conversions", `select report_date::varchar, count(*) from marts.fct_conversions where is_suspected group by 1`,
			func(d *Day, n int) { d.Suspected = n }},
		{"conversions of paused campaigns", `select report_date::varchar, count(*) from marts.fct_conversions
			where paused_at_conversion = 'yes' group by 1`, func(d *Day, n int) { d.Paused = n }},
		{"billable conversions", `select report_date::varchar, count(*) from marts.fct_conversions
			where billing_status = 'billable' group by 1`, func(d *Day, n int) { d.Billable = n }},
		{"conversions in review", `select report_date::varchar, count(*) from marts.fct_conversions
			where billing_status = 'review' group by 1`, func(d *Day, n int) { d.Review = n }},
		{"conversions not billable", `select report_date::varchar, count(*) from marts.fct_conversions
			where billing_status = 'not_billable' group by 1`, func(d *Day, n int) { d.NotBillable = n }},
	}
	for _, count := range counts {
		if err := countByDay(ctx, db, count.query, days, count.into); err != nil {
			return fmt.Errorf("count the %s: %w", count.what, err)
		}
	}
	if err := measureClasses(ctx, db, days); err != nil {
		return err
	}
	return measureRisk(ctx, db, days)
}

func countByDay(ctx context.Context, db *sql.DB, query string, days map[string]*Day, into func(*Day, int)) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var date string
		var n int
		if err := rows.Scan(&date, &n); err != nil {
			return err
		}
		if day := days[date]; day != nil {
			into(day, n)
		}
	}
	return rows.Err()
}

func measureClasses(ctx context.Context, db *sql.DB, days map[string]*Day) error {
	rows, err := db.QueryContext(ctx, `select report_date::varchar, class, count(*) from marts.fct_tune_reconciliation group by 1, 2`)
	if err != nil {
		return fmt.Errorf("count the reconciliation classes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var date, class string
		var n int
		if err := rows.Scan(&date, &class, &n); err != nil {
			return fmt.Errorf("read a reconciliation class: %w", err)
		}
		if day := days[date]; day != nil {
			day.Classes[class] = n
			if class == "in_flight" {
				day.InFlight = n
			}
		}
	}
	return rows.Err()
}

func measureRisk(ctx context.Context, db *sql.DB, days map[string]*Day) error {
	rows, err := db.QueryContext(ctx, `select report_date::varchar, currency,
		sum(coalesce(revenue_at_risk, 0) + coalesce(payout_at_risk, 0))::numeric(18, 2)::varchar
		from marts.fct_tune_reconciliation where currency is not null group by 1, 2`)
	if err != nil {
		return fmt.Errorf("add up the money at risk: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var date, currency, amount string
		if err := rows.Scan(&date, &currency, &amount); err != nil {
			return fmt.Errorf("read the money at risk: %w", err)
		}
		if day := days[date]; day != nil {
			day.MoneyAtRisk[currency] = amount
		}
	}
	return rows.Err()
}

// Risk is the money at risk in one reconciliation class and currency, over all days.
type Risk struct {
	Class, Currency string
	Rows            int
	Revenue, Payout string // decimals
}

// riskByClass adds up revenue and payout at risk; classes without risk are left out.
func riskByClass(ctx context.Context, db *sql.DB) ([]Risk, error) {
	rows, err := db.QueryContext(ctx, `select class, currency, count(*), sum(coalesce(revenue_at_risk, 0))::numeric(18, 2)::varchar,
		sum(coalesce(payout_at_risk, 0))::numeric(18, 2)::varchar
		from marts.fct_tune_reconciliation
		where coalesce(revenue_at_risk, 0) + coalesce(payout_at_risk, 0) > 0 group by 1, 2 order by 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("add up the money at risk by class: %w", err)
	}
	defer rows.Close()
	var risks []Risk
	for rows.Next() {
		var r Risk
		if err := rows.Scan(&r.Class, &r.Currency, &r.Rows, &r.Revenue, &r.Payout); err != nil {
			return nil, fmt.Errorf("read the money at risk by class: %w", err)
		}
		risks = append(risks, r)
	}
	return risks, rows.Err()
}

// landedPostbacks maps each landed postback id to the time of its receipt.
func landedPostbacks(ctx context.Context, db *sql.DB) (map[string]time.Time, error) {
	rows, err := db.QueryContext(ctx, `select distinct p.payload."postback_id"::varchar, p.payload."received_at"::varchar from landing.postbacks p`)
	if err != nil {
		return nil, fmt.Errorf("read the landed postbacks: %w", err)
	}
	defer rows.Close()
	landed := map[string]time.Time{}
	for rows.Next() {
		var id, received string
		if err := rows.Scan(&id, &received); err != nil {
			return nil, fmt.Errorf("read a landed postback: %w", err)
		}
		if landed[id], err = time.Parse(time.RFC3339, received); err != nil {
			return nil, fmt.Errorf("read the receipt of postback %s: %w", id, err)
		}
	}
	return landed, rows.Err()
}

// forwarding is what became of one postback on its way to TUNE.
type forwarding struct{ Sent, Final bool }

func forwardings(ctx context.Context, db *sql.DB) (map[string]forwarding, error) {
	rows, err := db.QueryContext(ctx, `select f.payload."postback_id"::varchar, f.payload."outcome"::varchar, f.payload."final"::boolean from landing.forwards f`)
	if err != nil {
		return nil, fmt.Errorf("read the landed forwards: %w", err)
	}
	defer rows.Close()
	all := map[string]forwarding{}
	for rows.Next() {
		var id, outcome string
		var final bool
		if err := rows.Scan(&id, &outcome, &final); err != nil {
			return nil, fmt.Errorf("read a landed forward: %w", err)
		}
		f := all[id]
		all[id] = forwarding{Sent: f.Sent || outcome != "withheld", Final: f.Final || final}
	}
	return all, rows.Err()
}
