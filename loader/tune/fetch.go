package tune

import (
	"context"
	"errors"
	"fmt"
	"time"

	"backstop/loader"
)

// Target is a kind of object that is fetched.
type Target string

const (
	Conversions Target = "conversions"
	Offers      Target = "offers"
	Goals       Target = "goals"
	Clicks      Target = "clicks" // the raw log: large, and each of its days is fetched once
)

// Targets are all of them, in the order in which they are fetched.
func Targets() []Target { return []Target{Conversions, Offers, Goals, Clicks} }

// model is the name of a target that is listed by findAll.
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

// Fetch describes a complete fetch.
type Fetch struct {
	FetchID    string    `json:"fetch_id"`
	Target     Target    `json:"target"`
	Rows       int       `json:"rows"`        // distinct ids; of clicks, rows of the log
	Pages      int       `json:"pages"`       // of clicks, hours that have a log
	WindowFrom *string   `json:"window_from"` // dates in the network's time zone; nil for offers and goals
	WindowTo   *string   `json:"window_to"`
	ObservedAt time.Time `json:"observed_at"` // TUNE's time of the first answer: every row was so then or later
}

// Fetcher copies TUNE's rows to the archive.
type Fetcher struct {
	API      *Client
	Archive  loader.Store
	NewID    func() string // a new UUID for each fetch
	PageSize int           // rows a page; 0 is DefaultPageSize
}

// DefaultPageSize keeps an answer at a few megabytes and a day of 100,000 conversions within TUNE's limit of 50 calls in 10 s.
const DefaultPageSize = 2000

// changedTries bounds how often a window is read again because its rows changed while they were paged through, before it is narrowed.
const changedTries = 3

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
	return f.finish(ctx, reading.fetch)
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
	return f.finish(ctx, reading.fetch)
}
