package tune

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"backstop/loader"
)

// reading is one fetch while it runs.
type reading struct {
	*Fetcher
	fetch Fetch
	seen  map[string]bool // ids that are archived
	lines *loader.Appender
}

func (f *Fetcher) begin(target Target) *reading {
	return &reading{Fetcher: f, fetch: Fetch{FetchID: f.NewID(), Target: target}, seen: map[string]bool{}}
}

// errUnsteady tells that the rows of a window changed whenever it was paged through.
var errUnsteady error = &loader.Error{Class: loader.Transient, Err: fmt.Errorf("TUNE's rows changed between pages in each of %d readings", changedTries)}

// narrowing reads the window, or its halves where TUNE cannot answer the whole, or where it does not hold still: on a busy network new rows
// come faster than a day can be paged through, but only its last minutes change.
func (r *reading) narrowing(ctx context.Context, w window) error {
	err := r.stable(ctx, &w)
	if !errors.Is(err, errTooWide) && !errors.Is(err, errUnsteady) {
		return err
	}
	first, second, ok := w.halves()
	if !ok {
		return loader.Fail(loader.Transient, "%w, even for %s to %s", err, w.from.Format(time.DateTime), w.to.Format(time.DateTime))
	}
	if err := r.narrowing(ctx, first); err != nil {
		return err
	}
	return r.narrowing(ctx, second)
}

// stable reads all pages of a window and archives them as one file, once the set of rows held still from the first page to the
// last. Nothing of an unsteady reading is archived.
func (r *reading) stable(ctx context.Context, w *window) error {
	for range changedTries {
		rows, pages, steady, err := r.pages(ctx, w)
		if err != nil {
			return err
		}
		if steady {
			r.fetch.Pages += pages
			return r.archive(ctx, rows)
		}
	}
	return errUnsteady
}

// pages reads the window once and gives its lines by id. It is not steady if the count changed on the way, or if the distinct rows
// are not as many as counted: then a row slipped from one page to another.
func (r *reading) pages(ctx context.Context, w *window) (rows map[string][]byte, pages int, steady bool, err error) {
	limit := r.PageSize
	if limit == 0 {
		limit = DefaultPageSize
	}
	rows = map[string][]byte{}
	count := -1
	for number := 1; ; number++ {
		answer, err := r.API.findAll(ctx, r.fetch.Target, query{window: w, limit: limit, page: number})
		if err != nil {
			return nil, 0, false, err
		}
		if r.fetch.ObservedAt.IsZero() {
			r.fetch.ObservedAt = answer.date.UTC()
		}
		if number > 1 && answer.count != count {
			return nil, 0, false, nil
		}
		count = answer.count
		for _, row := range answer.rows {
			if rows[row.id], err = record(row, r.fetch); err != nil {
				return nil, 0, false, err
			}
		}
		if number >= answer.pages {
			return rows, number, count < 0 || count == len(rows), nil
		}
	}
}

// archive stores the lines that no earlier window brought, ordered by id, in a file of their own.
func (r *reading) archive(ctx context.Context, rows map[string][]byte) error {
	if r.lines == nil {
		r.lines = r.appender(r.fetch, r.fetch.Target.stream())
	}
	for _, id := range sortedIDs(rows) {
		if r.seen[id] {
			continue
		}
		r.seen[id] = true
		r.fetch.Rows++
		if err := r.lines.Add(ctx, rows[id]); err != nil {
			return err
		}
	}
	return r.lines.Flush(ctx)
}

// finish writes the line that calls the fetch complete: the last thing that happens.
func (f *Fetcher) finish(ctx context.Context, fetch Fetch) (Fetch, error) {
	line, err := fetchRecord(fetch)
	if err != nil {
		return Fetch{}, err
	}
	closing := f.appender(fetch, "tune_fetches")
	if err := closing.Add(ctx, line); err != nil {
		return Fetch{}, err
	}
	return fetch, closing.Flush(ctx)
}

// appender adds to the partition of the time of observation, by TUNE's clock.
func (f *Fetcher) appender(fetch Fetch, stream string) *loader.Appender {
	observed := fetch.ObservedAt.UTC()
	return &loader.Appender{
		Store: f.Archive, Name: fetch.FetchID,
		Partition: loader.Partition{Table: stream, Date: observed.Format(loader.DateLayout), Hour: observed.Hour()},
	}
}

// sortedIDs orders ids as numbers, without reading them as such.
func sortedIDs(rows map[string][]byte) []string {
	return slices.SortedFunc(maps.Keys(rows), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
}
