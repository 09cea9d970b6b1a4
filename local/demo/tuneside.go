package demo

import (
	"context"
	"database/sql"
	"fmt"
)

// tuneFetch is one finished fetch of TUNE's conversions.
type tuneFetch struct {
	id, from, to, observed string // dates and times sort as text
	rows                   int
}

// tuneConversion is what one landed line says about a conversion of TUNE.
type tuneConversion struct{ fetch, id, status, date string }

// measureTune counts, for each day, the approved rows of the newest complete fetch that covers it. A fetch is complete when as many
// distinct rows of it have landed as it says it brought.
func measureTune(ctx context.Context, db *sql.DB, days map[string]*Day) error {
	fetches, err := tuneFetches(ctx, db)
	if err != nil {
		return err
	}
	conversions, err := tuneConversions(ctx, db)
	if err != nil {
		return err
	}
	landed := map[string]int{}
	for c := range conversions {
		landed[c.fetch]++
	}
	for date, day := range days {
		newest := tuneFetch{}
		for _, f := range fetches {
			if f.from <= date && date <= f.to && landed[f.id] == f.rows && f.observed > newest.observed {
				newest = f
			}
		}
		for c := range conversions {
			if c.fetch == newest.id && c.date == date && c.status == "approved" {
				day.TuneApproved++
			}
		}
	}
	return nil
}

func tuneFetches(ctx context.Context, db *sql.DB) ([]tuneFetch, error) {
	var fetches []tuneFetch
	err := eachRow(ctx, db, `select distinct f.payload."fetch_id"::varchar, f.payload."window_from"::varchar, f.payload."window_to"::varchar,
		f.payload."observed_at"::varchar, f.payload."rows"::integer
		from landing.tune_fetches f where f.payload."target"::varchar = 'conversions'`, func(row *sql.Rows) error {
		var f tuneFetch
		err := row.Scan(&f.id, &f.from, &f.to, &f.observed, &f.rows)
		fetches = append(fetches, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the landed fetches: %w", err)
	}
	return fetches, nil
}

func tuneConversions(ctx context.Context, db *sql.DB) (map[tuneConversion]bool, error) {
	conversions := map[tuneConversion]bool{}
	err := eachRow(ctx, db, `select distinct c.payload."fetch_id"::varchar, c.payload."id"::varchar, c.payload."status"::varchar,
		substring(c.payload."datetime"::varchar, 1, 10) from landing.tune_conversions c`, func(row *sql.Rows) error {
		var c tuneConversion
		err := row.Scan(&c.fetch, &c.id, &c.status, &c.date)
		conversions[c] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read TUNE's landed conversions: %w", err)
	}
	return conversions, nil
}
