package tune

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"backstop/loader"
)

// Target is a kind of object that is fetched.
type Target string

const (
	Conversions Target = "conversions"
	Offers      Target = "offers"
	Goals       Target = "goals"
)

// Targets are all of them, in the order in which they are fetched.
func Targets() []Target { return []Target{Conversions, Offers, Goals} }

// model is the name of the target in TUNE's API.
func (t Target) model() string {
	switch t {
	case Conversions:
		return "Conversion"
	case Goals:
		return "Goal"
	default:
		return "Offer"
	}
}

func (t Target) stream() string { return "tune_" + string(t) }

// Archive stores what was fetched.
type Archive interface {
	// Put stores a new object; the same body again under the same key is no error, another one is.
	Put(ctx context.Context, key string, body []byte) error
}

// Fetch describes a complete fetch.
type Fetch struct {
	FetchID    string    `json:"fetch_id"`
	Target     Target    `json:"target"`
	Rows       int       `json:"rows"` // distinct ids
	Pages      int       `json:"pages"`
	WindowFrom *string   `json:"window_from"` // dates in the network's time zone; nil for offers and goals
	WindowTo   *string   `json:"window_to"`
	ObservedAt time.Time `json:"observed_at"` // TUNE's time of the first answer: every row was so then or later
}

// Fetcher copies TUNE's rows to the archive.
type Fetcher struct {
	API      *Client
	Archive  Archive
	NewID    func() string // a new UUID for each fetch
	PageSize int           // rows a page; 0 is DefaultPageSize
}

// DefaultPageSize keeps an answer at a few megabytes and a day of 100,000 conversions within TUNE's limit of 50 calls in 10 s.
const DefaultPageSize = 2000

// changedTries bounds how often a window is read again because its rows changed while they were paged through.
const changedTries = 6

// FetchConversions fetches the conversions of the dates from … to (network time zone, both included).
func (f *Fetcher) FetchConversions(ctx context.Context, from, to string) (Fetch, error) {
	windows, err := days(from, to)
	if err != nil {
		return Fetch{}, err
	}
	reading := f.begin(Conversions)
	reading.fetch.WindowFrom, reading.fetch.WindowTo = &from, &to
	for _, w := range windows {
		if err := reading.narrowing(ctx, w); err != nil {
			return Fetch{}, fmt.Errorf("fetch conversions of %s: %w", w.from.Format(loader.DateLayout), err)
		}
	}
	return reading.finish(ctx)
}

// FetchAll fetches all offers or goals as they are now.
func (f *Fetcher) FetchAll(ctx context.Context, target Target) (Fetch, error) {
	reading := f.begin(target)
	if err := reading.stable(ctx, nil); err != nil {
		if errors.Is(err, errTooWide) {
			err = loader.Fail(loader.Transient, "%w, and there is no window to narrow", err)
		}
		return Fetch{}, fmt.Errorf("fetch %s: %w", target, err)
	}
	return reading.finish(ctx)
}

// reading is one fetch while it runs.
type reading struct {
	*Fetcher
	fetch Fetch
	seen  map[string]bool // ids that are archived
	parts int
}

func (f *Fetcher) begin(target Target) *reading {
	return &reading{Fetcher: f, fetch: Fetch{FetchID: f.NewID(), Target: target}, seen: map[string]bool{}}
}

// narrowing reads the window, or its halves where TUNE cannot answer the whole.
func (r *reading) narrowing(ctx context.Context, w window) error {
	err := r.stable(ctx, &w)
	if !errors.Is(err, errTooWide) {
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
	return loader.Fail(loader.Transient, "TUNE's rows changed between pages in each of %d readings", changedTries)
}

// pages reads the window once and gives its lines by id. It is not steady if the count changed on the way, or if the distinct rows are not as many as counted:
// then a row slipped from one page to another.
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

// archive stores the lines that no earlier window brought, ordered by id.
func (r *reading) archive(ctx context.Context, rows map[string][]byte) error {
	var file bytes.Buffer
	packed := gzip.NewWriter(&file)
	written := 0
	for _, id := range sortedIDs(rows) {
		if r.seen[id] {
			continue
		}
		r.seen[id] = true
		if _, err := packed.Write(rows[id]); err != nil {
			return fmt.Errorf("pack the rows: %w", err)
		}
		written++
	}
	if err := packed.Close(); err != nil {
		return fmt.Errorf("pack the rows: %w", err)
	}
	if written == 0 {
		return nil
	}
	r.parts++
	r.fetch.Rows += written
	return r.Archive.Put(ctx, r.key(r.fetch.Target.stream(), r.parts), file.Bytes())
}

// finish writes the line that calls the fetch complete: the last thing that happens.
func (r *reading) finish(ctx context.Context) (Fetch, error) {
	line, err := fetchRecord(r.fetch)
	if err != nil {
		return Fetch{}, err
	}
	var file bytes.Buffer
	packed := gzip.NewWriter(&file)
	if _, err := packed.Write(line); err != nil {
		return Fetch{}, fmt.Errorf("pack the fetch's line: %w", err)
	}
	if err := packed.Close(); err != nil {
		return Fetch{}, fmt.Errorf("pack the fetch's line: %w", err)
	}
	if err := r.Archive.Put(ctx, r.key("tune_fetches", 1), file.Bytes()); err != nil {
		return Fetch{}, fmt.Errorf("archive the fetch's line: %w", err)
	}
	return r.fetch, nil
}

// key lies in the partition of the time of observation, by TUNE's clock.
func (r *reading) key(stream string, part int) string {
	p := loader.Partition{Table: stream, Date: r.fetch.ObservedAt.Format(loader.DateLayout), Hour: r.fetch.ObservedAt.Hour()}
	return fmt.Sprintf("%s%s-%05d.gz", p.Prefix(), r.fetch.FetchID, part)
}

// sortedIDs orders ids as numbers, without reading them as such.
func sortedIDs(rows map[string][]byte) []string {
	return slices.SortedFunc(maps.Keys(rows), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
}
