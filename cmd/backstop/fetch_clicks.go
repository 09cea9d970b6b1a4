package main

import (
	"context"
	"errors"

	"backstop/loader"
	"backstop/loader/tune"
)

// fetchClicks fetches the days that are over at TUNE, one by one. The log of a day that is not over cannot be complete, so it is left to
// a later fetch; one that TUNE has thrown away is said and passed over, because what was fetched of it before still counts.
func (p *program) fetchClicks(ctx context.Context, fetcher *tune.Fetcher, f fetchFlags) ([]tune.Fetch, error) {
	now, zone, err := p.todayAtTUNE(ctx, fetcher.API)
	if err != nil {
		return nil, err
	}
	today := now.Format(loader.DateLayout)
	if f.to == "" {
		f.to = now.AddDate(0, 0, -1).Format(loader.DateLayout)
	}
	if f.from == "" {
		f.from = f.to
	}
	day, err := parseDate("--from", f.from)
	if err != nil {
		return nil, err
	}
	var fetches []tune.Fetch
	for ; day.Format(loader.DateLayout) <= f.to; day = day.AddDate(0, 0, 1) {
		date := day.Format(loader.DateLayout)
		if date >= today {
			p.say("%s is not over at TUNE: its clicks are fetched when it is", date)
			break
		}
		fetch, err := fetcher.FetchClicks(ctx, zone, date)
		switch {
		case errors.Is(err, tune.ErrNotKept):
			p.say("%v", err)
		case err != nil:
			return fetches, err
		default:
			fetches = append(fetches, fetch)
		}
	}
	return fetches, nil
}
