package tune_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"backstop/loader"
	"backstop/loader/tune"
	"backstop/local/clock"
	standin "backstop/local/tune"
)

// network is TUNE's stand-in, with a fetcher of two rows a page before it. Its days are New York's.
type network struct {
	*bench
	t      *testing.T
	clock  *clock.Clock
	zone   *time.Location
	url    string
	offer  string
	listed func(call int) // called before each answer to a listing of conversions; may be nil
	calls  int
}

// newNetwork gives a network without conversions; change makes its TUNE another one.
func newNetwork(t *testing.T, change func(*standin.Config)) *network {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	n := &network{bench: newBench(t, nil), t: t, zone: zone, clock: clock.At(time.Date(2026, 11, 19, 17, 0, 0, 0, time.UTC))}
	config := standin.Config{Clock: n.clock, Zone: zone, Seed: 7, NetworkID: "demo", NetworkToken: token}
	if change != nil {
		change(&config)
	}
	account := standin.New(config)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("Target") == "Conversion" && r.URL.Query().Get("Method") == "findAll" {
			if n.calls++; n.listed != nil {
				n.listed(n.calls)
			}
		}
		account.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	n.url, n.PageSize = server.URL, 2
	n.connect(token, n.bench.wait())
	n.offer = n.create("Offer", "name", "Game One", "status", "active", "max_payout", "2.60")
	return n
}

func (n *network) connect(token string, wait func(context.Context, time.Duration) error) {
	n.t.Helper()
	api, err := tune.NewClient(n.url, token, wait)
	if err != nil {
		n.t.Fatal(err)
	}
	n.API = api
}

// create makes an object through the API and gives its id.
func (n *network) create(target string, fields ...string) string {
	n.t.Helper()
	form := url.Values{"NetworkToken": {token}, "Target": {target}, "Method": {"create"}}
	for i := 0; i < len(fields); i += 2 {
		form.Set("data["+fields[i]+"]", fields[i+1])
	}
	answer, err := http.PostForm(n.url+"/Apiv3/json", form)
	if err != nil {
		n.t.Fatal(err)
	}
	defer answer.Body.Close()
	var envelope struct {
		Response struct {
			Data json.RawMessage
		}
	}
	var id string
	if err := json.NewDecoder(answer.Body).Decode(&envelope); err != nil || json.Unmarshal(envelope.Response.Data, &id) != nil {
		n.t.Fatalf("%s::create answered %s, err %v", target, envelope.Response.Data, err)
	}
	return id
}

// convert books conversions at times of New York, and gives their ids.
func (n *network) convert(times ...string) []string {
	n.t.Helper()
	now := n.clock.Now()
	defer n.clock.Set(now)
	var ids []string
	for _, at := range times {
		local, err := time.ParseInLocation(time.DateTime, at, n.zone)
		if err != nil {
			n.t.Fatal(err)
		}
		n.clock.Set(local)
		ids = append(ids, n.create("Conversion", "offer_id", n.offer))
	}
	return ids
}

// fetch fetches the conversions of some dates and tells whether exactly these rows came, each once and in order, with their closing line.
func (n *network) fetch(from, to string, want []string) tune.Fetch {
	n.t.Helper()
	fetch, err := n.FetchConversions(context.Background(), from, to)
	if err != nil {
		n.t.Fatal(err)
	}
	if got := n.rowsOf(fetch.FetchID); !slices.Equal(got, want) || fetch.Rows != len(want) {
		n.t.Errorf("archived %v, fetch %+v; want %v", got, fetch, want)
	}
	if !n.complete(fetch.FetchID) {
		n.t.Errorf("%s has no closing line", fetch.FetchID)
	}
	return fetch
}

func (n *network) rowsOf(fetchID string) []string {
	n.t.Helper()
	var ids []string
	for _, line := range n.archive.lines(n.t, "tune_conversions/") {
		if line["fetch_id"] == fetchID {
			ids = append(ids, fmt.Sprint(line["id"]))
		}
	}
	return ids
}

func (n *network) complete(fetchID string) bool {
	n.t.Helper()
	return slices.ContainsFunc(n.archive.lines(n.t, "tune_fetches/"), func(line map[string]any) bool { return line["fetch_id"] == fetchID })
}

func someTimes(hours ...int) []string {
	var times []string
	for _, hour := range hours {
		times = append(times, fmt.Sprintf("2026-11-19 %02d:30:00", hour))
	}
	return times
}

// Unsorted, this TUNE lists its rows in another order at each call: only sorted pages hold every row once.
func TestPagesHoldEveryRowOnce(t *testing.T) {
	n := newNetwork(t, nil)
	ids := n.convert(someTimes(0, 1, 2, 3, 4, 5, 6)...)
	if fetch := n.fetch("2026-11-18", "2026-11-19", ids); fetch.Pages != 5 { // an empty one of the 18th
		t.Errorf("%d pages", fetch.Pages)
	}
}

func TestAFourthCallWithinTheWindowOfThreeWaitsItOut(t *testing.T) {
	now := time.Date(2026, 11, 19, 17, 0, 0, 0, time.UTC)
	n := newNetwork(t, func(c *standin.Config) { c.CallsPer10s, c.RealTime = 3, func() time.Time { return now } })
	now = now.Add(time.Minute)
	ids := n.convert(someTimes(0, 1, 2)...)
	now = now.Add(time.Minute)
	waited := 0
	n.connect(token, func(_ context.Context, d time.Duration) error {
		waited++
		now = now.Add(d)
		return nil
	})
	n.PageSize = 1
	n.fetch("2026-11-18", "2026-11-20", ids)
	if waited == 0 {
		t.Error("five calls, and none was refused")
	}
}

func TestAWindowOfManyRowsIsNarrowedUntilTUNEAnswers(t *testing.T) {
	n := newNetwork(t, func(c *standin.Config) { c.MostRows = 2 })
	ids := n.convert("2026-11-19 00:00:00", "2026-11-19 05:59:59", "2026-11-19 06:00:00", "2026-11-19 11:29:59", "2026-11-19 11:30:00",
		"2026-11-19 11:44:59", "2026-11-19 11:45:00")
	n.clock.Set(n.clock.Now().Add(24 * time.Hour))
	ids = append(ids, n.convert("2026-11-19 23:59:59")...)
	n.convert("2026-11-18 23:59:59", "2026-11-20 00:00:00")
	n.fetch("2026-11-19", "2026-11-19", ids)
}

func TestMoreRowsInAQuarterOfAnHourThanTUNEAnswersAreTransient(t *testing.T) {
	n := newNetwork(t, func(c *standin.Config) { c.MostRows = 1 })
	n.convert("2026-11-19 11:00:00", "2026-11-19 11:00:00")
	_, err := n.FetchConversions(context.Background(), "2026-11-19", "2026-11-19")
	if loader.ClassOf(err) != loader.Transient || !strings.Contains(err.Error(), "504") || !strings.Contains(err.Error(), "2026-11-19 10:52:30") || n.complete("fetch-1") {
		t.Errorf("err %v", err)
	}
}

// A conversion comes in while the second page is asked for: the day is read again.
func TestARowThatComesBetweenTwoPagesIsNotMissed(t *testing.T) {
	n := newNetwork(t, nil)
	ids := n.convert(someTimes(0, 1, 2)...)
	n.listed = func(call int) {
		if call == 2 {
			ids = append(ids, n.convert(someTimes(3)...)...)
		}
	}
	if n.fetch("2026-11-19", "2026-11-19", append(ids, "500004")); n.calls != 4 {
		t.Errorf("%d pages were asked for", n.calls)
	}
}

// On a busy network the day never holds still: only its last minutes do not, so the rest is read, and then they.
func TestADayThatNeverHoldsStillIsReadInPieces(t *testing.T) {
	n := newNetwork(t, nil)
	ids := n.convert(someTimes(0, 2, 4, 6, 8, 10)...)
	n.listed = func(call int) {
		if call%2 == 0 && call <= 16 {
			ids = append(ids, n.convert("2026-11-19 11:59:00")...)
		}
	}
	fetch, err := n.FetchConversions(context.Background(), "2026-11-19", "2026-11-19")
	if err != nil {
		t.Fatal(err)
	}
	if got := n.rowsOf(fetch.FetchID); !slices.Equal(got, ids) || n.calls < 16 {
		t.Errorf("archived %v, want %v; %d calls", got, ids, n.calls)
	}
}

// The day on which the clock goes back has an hour twice, the one on which it goes on lacks one: each is one day of TUNE's all the same.
func TestDaysOfTwentyFiveAndTwentyThreeHours(t *testing.T) {
	for day, times := range map[string][]time.Time{ // UTC
		"2026-11-01": {time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC), time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC), time.Date(2026, 11, 2, 4, 59, 59, 0, time.UTC)},
		"2027-03-14": {time.Date(2027, 3, 14, 5, 0, 0, 0, time.UTC), time.Date(2027, 3, 14, 6, 59, 59, 0, time.UTC), time.Date(2027, 3, 14, 7, 0, 0, 0, time.UTC), time.Date(2027, 3, 15, 3, 59, 59, 0, time.UTC)},
	} {
		n := newNetwork(t, nil)
		book := func(at time.Time) string {
			n.clock.Set(at)
			return n.create("Conversion", "offer_id", n.offer)
		}
		book(times[0].Add(-time.Second))
		var ids []string
		for _, at := range times {
			ids = append(ids, book(at))
		}
		book(times[len(times)-1].Add(time.Second))
		n.fetch(day, day, ids)
	}
}

// What TUNE shows late, and what it changes, is in the next fetch; the one before stays as it is.
func TestTheNextFetchHasWhatCameLate(t *testing.T) {
	n := newNetwork(t, func(c *standin.Config) { c.VisibilityLag = time.Hour })
	n.clock.Set(n.clock.Now().Add(-time.Hour))
	id := n.create("Conversion", "offer_id", n.offer) // at 11:00, seen within the hour
	n.fetch("2026-11-19", "2026-11-19", nil)
	n.clock.Set(n.clock.Now().Add(time.Hour))
	n.fetch("2026-11-19", "2026-11-19", []string{id})
	if lines := n.archive.lines(t, "tune_fetches/"); len(lines) != 2 || lines[0]["rows"] != 0.0 || lines[1]["rows"] != 1.0 {
		t.Errorf("closing lines %v", lines)
	}
}

func TestOffersAndGoalsAreFetchedWhole(t *testing.T) {
	n := newNetwork(t, nil)
	for range 4 {
		n.create("Goal", "name", "buy", "offer_id", n.offer)
	}
	for target, rows := range map[tune.Target]int{tune.Offers: 1, tune.Goals: 4} {
		fetch, err := n.FetchAll(context.Background(), target)
		if err != nil || fetch.Rows != rows || fetch.WindowFrom != nil || len(n.archive.lines(t, "tune_"+string(target)+"/")) != rows {
			t.Errorf("%s: %+v, err %v", target, fetch, err)
		}
	}
}

// Bad credentials are answered by HTTP 200 with an object of errors, the rate limit by a list of them.
func TestRefusalsOfTheStandIn(t *testing.T) {
	n := newNetwork(t, nil)
	n.connect("wrong-token", n.bench.wait())
	_, err := n.FetchAll(context.Background(), tune.Offers)
	if loader.ClassOf(err) != loader.Configuration || !strings.Contains(err.Error(), "Network token is not valid") || strings.Contains(err.Error(), "wrong-token") {
		t.Errorf("a wrong token: %v", err)
	}
	limited := newNetwork(t, func(c *standin.Config) {
		c.CallsPer10s, c.RealTime = 1, func() time.Time { return time.Date(2026, 11, 19, 17, 0, 0, 0, time.UTC) } // the window never ends
	})
	_, err = limited.FetchAll(context.Background(), tune.Offers)
	if loader.ClassOf(err) != loader.Transient || !strings.Contains(err.Error(), "rate limit") || len(limited.archive.files) != 0 {
		t.Errorf("for ever limited: %v", err)
	}
}

// A fetch that ends at any of its puts has no closing line, and the next one does not stumble on what it left.
func TestAFetchThatEndsAtAnyPutIsNotComplete(t *testing.T) {
	const puts = 3 // a file for each of two days, and the closing line
	for last := range puts {
		n := newNetwork(t, nil)
		ids := n.convert("2026-11-18 10:00:00", "2026-11-19 10:00:00")
		gone := errors.New("the archive is away")
		done := 0
		n.Archive = archiveFunc(func(string) error {
			if done == last {
				return gone
			}
			done++
			return nil
		})
		n.Archive = both{n.archive, n.Archive}
		if _, err := n.FetchConversions(context.Background(), "2026-11-18", "2026-11-19"); !errors.Is(err, gone) || done != last {
			t.Fatalf("err %v after %d puts", err, done)
		}
		if n.complete("fetch-1") || len(n.rowsOf("fetch-1")) != last {
			t.Errorf("after %d puts: %v", last, n.archive.files)
		}
		n.Archive = n.archive
		n.fetch("2026-11-18", "2026-11-19", ids)
	}
}

// both stores where the second archive stores, too.
type both struct {
	keeps *memoryArchive
	fails interface {
		Put(ctx context.Context, key string, body []byte) error
	}
}

func (b both) Put(ctx context.Context, key string, body []byte) error {
	if err := b.fails.Put(ctx, key, body); err != nil {
		return err
	}
	return b.keeps.Put(ctx, key, body)
}
