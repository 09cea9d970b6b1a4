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
