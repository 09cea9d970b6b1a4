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
	return eachRow(ctx, db, query, func(row *sql.Rows) error {
		var date string
		var n int
		err := row.Scan(&date, &n)
		if day := days[date]; err == nil && day != nil {
			into(day, n)
		}
		return err
	})
}

func measureClasses(ctx context.Context, db *sql.DB, days map[string]*Day) error {
	query := `select report_date::varchar, class, count(*) from marts.fct_tune_reconciliation group by 1, 2`
	err := eachRow(ctx, db, query, func(row *sql.Rows) error {
		var date, class string
		var n int
		err := row.Scan(&date, &class, &n)
		if day := days[date]; err == nil && day != nil {
			day.Classes[class] = n
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("count the reconciliation classes: %w", err)
	}
	for _, day := range days {
		day.InFlight = day.Classes["in_flight"]
	}
	return nil
}

func measureRisk(ctx context.Context, db *sql.DB, days map[string]*Day) error {
	err := eachRow(ctx, db, `select report_date::varchar, currency,
		sum(coalesce(revenue_at_risk, 0) + coalesce(payout_at_risk, 0))::numeric(18, 2)::varchar
		from marts.fct_tune_reconciliation where currency is not null group by 1, 2`, func(row *sql.Rows) error {
		var date, currency, amount string
		err := row.Scan(&date, &currency, &amount)
		if day := days[date]; err == nil && day != nil {
			day.MoneyAtRisk[currency] = amount
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("add up the money at risk: %w", err)
	}
	return nil
}

// Risk is the money at risk in one reconciliation class and currency, over all days.
type Risk struct {
	Class, Currency string
	Rows            int
	Revenue, Payout string // decimals
}

// riskByClass adds up revenue and payout at risk; classes without risk are left out.
func riskByClass(ctx context.Context, db *sql.DB) ([]Risk, error) {
	var risks []Risk
	err := eachRow(ctx, db, `select class, currency, count(*), sum(coalesce(revenue_at_risk, 0))::numeric(18, 2)::varchar,
		sum(coalesce(payout_at_risk, 0))::numeric(18, 2)::varchar
		from marts.fct_tune_reconciliation
		where coalesce(revenue_at_risk, 0) + coalesce(payout_at_risk, 0) > 0 group by 1, 2 order by 1, 2`, func(row *sql.Rows) error {
		var r Risk
		err := row.Scan(&r.Class, &r.Currency, &r.Rows, &r.Revenue, &r.Payout)
		risks = append(risks, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("add up the money at risk by class: %w", err)
	}
	return risks, nil
}

// landedPostbacks maps each landed postback id to the time of its receipt.
func landedPostbacks(ctx context.Context, db *sql.DB) (map[string]time.Time, error) {
	landed := map[string]time.Time{}
	query := `select distinct p.payload."postback_id"::varchar, p.payload."received_at"::varchar from landing.postbacks p`
	err := eachRow(ctx, db, query, func(row *sql.Rows) error {
		var id, received string
		if err := row.Scan(&id, &received); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339, received)
		landed[id] = at
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the landed postbacks: %w", err)
	}
	return landed, nil
}

// forwarding is what became of one postback on its way to TUNE.
type forwarding struct{ Sent, Final bool }

func forwardings(ctx context.Context, db *sql.DB) (map[string]forwarding, error) {
	all := map[string]forwarding{}
	query := `select f.payload."postback_id"::varchar, f.payload."outcome"::varchar, f.payload."final"::boolean from landing.forwards f`
	err := eachRow(ctx, db, query, func(row *sql.Rows) error {
		var id, outcome string
		var final bool
		if err := row.Scan(&id, &outcome, &final); err != nil {
			return err
		}
		f := all[id]
		all[id] = forwarding{Sent: f.Sent || outcome != "withheld", Final: f.Final || final}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the landed forwards: %w", err)
	}
	return all, nil
}
