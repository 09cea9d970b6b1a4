package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"backstop/local/traffic"
)

// Findings is what people look at when a demo did not hold, and the table that they look at when it did.
type Findings struct {
	Mismatches []Mismatch
	Imbalances []string
	Leaks      []Leak
	Risks      []Risk
	Counts     traffic.Counts
}

// Judge measures the days, and holds archive, landing and marts against one another and against the truth.
func (d *Demo) Judge(ctx context.Context) (Result, Findings, error) {
	d.options.Progress.Phase("holding the marts against the truth")
	days := map[string]*Day{}
	for _, date := range d.options.Days {
		days[date] = &Day{Date: date, MoneyAtRisk: map[string]string{}, Classes: map[string]int{}}
	}
	ledger, err := d.ledger(ctx)
	if err != nil {
		return Result{}, Findings{}, err
	}
	ledger.countDays(days, d.options.Zone)
	if err := errors.Join(measureMarts(ctx, d.DB, days), measureTune(ctx, d.DB, days)); err != nil {
		return Result{}, Findings{}, err
	}
	findings := Findings{Counts: d.Plan.Counts(), Imbalances: ledger.Imbalances()}
	truth, err := d.Truth(ctx)
	if err != nil {
		return Result{}, Findings{}, err
	}
	if findings.Mismatches, err = d.mismatches(ctx, truth); err != nil {
		return Result{}, Findings{}, err
	}
	rules, err := scoreRules(ctx, d.DB, truth)
	if err != nil {
		return Result{}, Findings{}, err
	}
	if findings.Risks, err = riskByClass(ctx, d.DB); err != nil {
		return Result{}, Findings{}, err
	}
	if findings.Leaks, err = ScanLogs([]string{d.Stack.Logs(), filepath.Join(d.options.State, "airflow", "logs")}, d.canaries()); err != nil {
		return Result{}, Findings{}, err
	}
	result := Result{Balanced: len(findings.Imbalances) == 0, TruthMismatches: len(findings.Mismatches), Rules: rules}
	for _, date := range d.options.Days {
		result.Days = append(result.Days, *days[date])
	}
	return result, findings, nil
}

// Truth is what the marts must say now.
func (d *Demo) Truth(ctx context.Context) (traffic.Truth, error) {
	now, err := landedUntil(ctx, d.DB)
	if err != nil {
		return traffic.Truth{}, err
	}
	return traffic.NewTruth(d.Plan, d.Player.Journal(), d.Stack.Tune.Journal(), now), nil
}

func (d *Demo) mismatches(ctx context.Context, truth traffic.Truth) ([]Mismatch, error) {
	marts, err := ReadMarts(ctx, d.DB)
	if err != nil {
		return nil, err
	}
	return Compare(truth, marts), nil
}

// canaries are all texts that no log may hold: those of the traffic, and the stack's own secrets.
func (d *Demo) canaries() map[string]string {
	canaries := d.Plan.Canaries()
	for source, token := range d.Stack.Secrets.Tokens {
		canaries[token] = "the token of " + source
	}
	canaries[d.Stack.Secrets.TuneNetworkToken] = "TUNE's network token"
	canaries[d.Stack.Secrets.WarehousePassword] = "the warehouse's password"
	return canaries
}

func (d *Demo) ledger(ctx context.Context) (Ledger, error) {
	l := Ledger{Requests: d.Player.Journal().Requests}
	var err error
	if l.Archived, err = archivedPostbacks(ctx, d.Stack.S3Client(), d.Stack.Endpoints.Bucket); err != nil {
		return l, err
	}
	if l.Landed, err = landedPostbacks(ctx, d.DB); err != nil {
		return l, err
	}
	if l.Forwards, err = forwardings(ctx, d.DB); err != nil {
		return l, err
	}
	if l.Verified, err = postbackIDs(ctx, d.DB, `select postback_id from marts.fct_postbacks`); err != nil {
		return l, err
	}
	if l.InFlight, err = postbackIDs(ctx, d.DB, `select p.postback_id from marts.fct_postbacks p
		join marts.fct_tune_reconciliation r on r.conversion_id = p.conversion_id where r.class = 'in_flight'`); err != nil {
		return l, err
	}
	err = d.DB.QueryRowContext(ctx, `select (select count(*) from marts.fct_tune_reconciliation),
		(select count(*) from marts.fct_conversions) + (select count(*) from marts.fct_tune_reconciliation where conversion_id is null)`).
		Scan(&l.Classes, &l.Explains)
	if err != nil {
		return l, fmt.Errorf("add up the classes: %w", err)
	}
	return l, nil
}

func postbackIDs(ctx context.Context, db *sql.DB, query string) (map[string]bool, error) {
	ids := map[string]bool{}
	err := eachRow(ctx, db, query, func(row *sql.Rows) error {
		var id string
		err := row.Scan(&id)
		ids[id] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read postback ids: %w", err)
	}
	return ids, nil
}

// landedUntil is the end of the newest landed hour that has rows.
func landedUntil(ctx context.Context, db *sql.DB) (time.Time, error) {
	var date time.Time
	var hour int
	err := db.QueryRowContext(ctx, `select dt, hr from landing.loads where rows > 0 order by dt desc, hr desc limit 1`).Scan(&date, &hour)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the newest landed hour: %w", err)
	}
	return date.Add(time.Duration(hour+1) * time.Hour), nil
}
