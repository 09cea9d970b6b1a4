package tune_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"backstop/loader"
	"backstop/loader/tune"
)

func TestPagesAreReadInAFixedOrderAndClosedByOneLine(t *testing.T) {
	b := newBench(t, func(_ int, q url.Values) (int, string) {
		if q.Get("page") == "1" {
			return 200, paged(2, 2, 9)
		}
		return 200, paged(2, 2, 10)
	})
	fetch, err := b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19")
	if err != nil {
		t.Fatal(err)
	}
	first := b.tune.calls[0]
	want := map[string]string{"Target": "Conversion", "Method": "findAll", "NetworkToken": token, "limit": "1", "page": "1", "sort[id]": "asc", "filters[datetime][conditional]": "BETWEEN"}
	for name, value := range want {
		if first.Get(name) != value {
			t.Errorf("%s=%q, want %q", name, first.Get(name), value)
		}
	}
	if got := first["filters[datetime][values][]"]; !slices.Equal(got, []string{"2026-11-19 00:00:00", "2026-11-19 23:59:59"}) {
		t.Errorf("the window is %v", got)
	}
	if got := idsOf(b.archive.lines(t, "tune_conversions/dt=2026-11-20/hr=23/fetch-1-00001.gz")); !slices.Equal(got, []string{"9", "10"}) {
		t.Errorf("archived ids %v", got)
	}
	closing := b.archive.lines(t, "tune_fetches/dt=2026-11-20/hr=23/fetch-1-00001.gz")
	wantLine := map[string]any{"v": 1.0, "fetch_id": "fetch-1", "target": "conversions", "window_from": "2026-11-19", "window_to": "2026-11-19",
		"rows": 2.0, "pages": 2.0, "observed_at": "2026-11-20T23:59:58.000000Z"}
	if len(closing) != 1 || !reflect.DeepEqual(closing[0], wantLine) {
		t.Errorf("the closing line is %v", closing)
	}
	if fetch.Rows != 2 || fetch.Pages != 2 || !fetch.ObservedAt.Equal(observed()) {
		t.Errorf("fetch is %+v", fetch)
	}
}

func TestAnEmptyWindowIsACompleteFetchWithoutRows(t *testing.T) {
	for name, body := range map[string]string{
		"an empty page": paged(0, 0),
		"no pages":      response(`{"status":1,"data":[]}`),
		"an empty text": response(`{"status":1,"data":""}`),
		"null":          response(`{"status":1,"data":null}`),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(int, url.Values) (int, string) { return 200, body })
			if _, err := b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19"); err != nil {
				t.Fatal(err)
			}
			if len(b.archive.files) != 1 || b.archive.lines(t, "tune_fetches/")[0]["rows"] != 0.0 {
				t.Errorf("archived %v", b.archive.files)
			}
		})
	}
}

func TestRowsAreReadWhateverFormTheDataHas(t *testing.T) {
	for name, data := range map[string]string{
		"a bare object": `{"7":{"Goal":{"id":"7","Name":"buy"}}}`,
		"a list":        `[{"Goal":{"id":"7","Name":"buy"}}]`,
		"quoted counts": `{"page":"1","count":"1","pageCount":"1","data":{"7":{"Goal":{"id":"7","Name":"buy"}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(int, url.Values) (int, string) { return 200, response(`{"status":1,"data":%s}`, data) })
			if _, err := b.FetchAll(context.Background(), tune.Goals); err != nil {
				t.Fatal(err)
			}
			lines := b.archive.lines(t, "tune_goals/")
			if len(lines) != 1 || lines[0]["id"] != "7" || lines[0]["name"] != "buy" {
				t.Errorf("archived %v", lines)
			}
			if closing := b.archive.lines(t, "tune_fetches/")[0]; closing["window_from"] != nil || closing["target"] != "goals" {
				t.Errorf("the closing line is %v", closing)
			}
		})
	}
}

// The set changes between the pages of the first reading: a row slips forward and would be missed. Only the second reading counts.
func TestRowsThatChangeBetweenPagesAreReadAgain(t *testing.T) {
	for name, unsteady := range map[string]string{
		"the count changes":        paged(3, 2, 2),
		"a row is seen twice":      paged(2, 2, 1),
		"a page is short of a row": paged(2, 2),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(call int, q url.Values) (int, string) {
				switch {
				case call == 2:
					return 200, unsteady
				case q.Get("page") == "1":
					return 200, paged(2, 2, 1)
				default:
					return 200, paged(2, 2, 2)
				}
			})
			fetch, err := b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19")
			if err != nil {
				t.Fatal(err)
			}
			if got := idsOf(b.archive.lines(t, "tune_conversions/")); !slices.Equal(got, []string{"1", "2"}) || fetch.Rows != 2 || fetch.Pages != 2 {
				t.Errorf("archived %v, fetch %+v", got, fetch)
			}
		})
	}
}

func TestRowsThatNeverHoldStillAreTransientAndLeaveNothing(t *testing.T) {
	b := newBench(t, func(call int, _ url.Values) (int, string) { return 200, paged(call, 2, 1) })
	_, err := b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19")
	if loader.ClassOf(err) != loader.Transient || len(b.archive.files) != 0 {
		t.Errorf("err %v, archived %v", err, b.archive.files)
	}
}

func TestAWindowThatIsTooWideIsNarrowed(t *testing.T) {
	whole := "2026-11-19 00:00:00"
	b := newBench(t, func(_ int, q url.Values) (int, string) {
		window := q["filters[datetime][values][]"]
		switch {
		case window[0] == whole && window[1] == "2026-11-19 23:59:59":
			return http.StatusGatewayTimeout, "<html>504</html>"
		case window[0] == whole:
			return 200, paged(1, 1, 1)
		default:
			return 200, paged(2, 1, 1, 2) // the row at the seam comes twice
		}
	})
	fetch, err := b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19")
	if err != nil {
		t.Fatal(err)
	}
	if got := idsOf(b.archive.lines(t, "tune_conversions/")); !slices.Equal(got, []string{"1", "2"}) || fetch.Rows != 2 {
		t.Errorf("archived %v, fetch %+v", got, fetch)
	}
	halves := [][]string{b.tune.calls[1]["filters[datetime][values][]"], b.tune.calls[2]["filters[datetime][values][]"]}
	want := [][]string{{whole, "2026-11-19 11:59:59"}, {"2026-11-19 12:00:00", "2026-11-19 23:59:59"}}
	if !reflect.DeepEqual(halves, want) {
		t.Errorf("the halves are %v", halves)
	}
}

func TestTheRateLimitIsWaitedOutThoughItIsHTTP200(t *testing.T) {
	limited := response(`{"status":-1,"httpStatus":200,"data":"","errors":[{"publicMessage":"API usage exceeded rate limit.  Configured: 50/10s window; Your usage: 51."}],"errorMessage":"API usage exceeded rate limit."}`)
	b := newBench(t, func(call int, _ url.Values) (int, string) {
		if call <= 3 {
			return 200, limited
		}
		return 200, paged(1, 1, 1)
	})
	if _, err := b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19"); err != nil {
		t.Fatal(err)
	}
	if len(b.waits) != 3 || b.waits[2] <= b.waits[0] {
		t.Errorf("waited %v", b.waits)
	}
}

func TestRefusalsHaveTheirClassAndNeverShowTheToken(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		class      loader.Class
		words      string
	}{
		{"bad network, errors as an object", `{"response":{"errors":{"publicMessage":"Network id is not valid"}}}`, 200, loader.Configuration, "Network id is not valid"},
		{"bad field, errors as a list", response(`{"status":-1,"errors":[{"err_code":1,"err_msg":"Field is unknown.","publicMessage":"Could not list."}]}`), 200, loader.Configuration, "Could not list."},
		{"the token in TUNE's words", response(`{"status":-1,"errors":{"publicMessage":"token %s is not valid"}}`, token), 200, loader.Configuration, "token *** is not valid"},
		{"always limited", response(`{"status":-1,"errors":[{"publicMessage":"exceeded rate limit"}]}`), 200, loader.Transient, "rate limit"},
		{"maintenance page", "<html>back soon</html>", 200, loader.Transient, "not the JSON"},
		{"down", "", 503, loader.Transient, "HTTP 503"},
		{"always too wide", "", 504, loader.Transient, "504"},
		{"forbidden", "", 403, loader.Configuration, "HTTP 403"},
		{"moved", "", 302, loader.Configuration, "HTTP 302"},
		{"a row without id", response(`{"status":1,"data":{"1":{"Conversion":{"payout":"1"}}}}`), 200, loader.Data, "no id"},
		{"a row without time", response(`{"status":1,"data":{"1":{"Conversion":{"id":"1"}}}}`), 200, loader.Data, `conversion 1 of TUNE's answer has the datetime ""`},
		{"a row on no day", response(`{"status":1,"data":{"1":{"Conversion":{"id":"1","datetime":"0000-00-00 00:00:00"}}}}`), 200, loader.Data, `"0000-00-00 00:00:00", which is none`},
		{"another model", response(`{"status":1,"data":{"1":{"Offer":{"id":"1"}}}}`), 200, loader.Data, "no Conversion"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, func(int, url.Values) (int, string) { return c.status, c.body })
			_, err := b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19")
			if err == nil || loader.ClassOf(err) != c.class || !strings.Contains(err.Error(), c.words) {
				t.Errorf("class %s, err %v", loader.ClassOf(err), err)
			}
			if strings.Contains(err.Error(), token) {
				t.Errorf("the token is in %v", err)
			}
			if len(b.archive.lines(t, "tune_fetches/")) != 0 {
				t.Error("a fetch that failed is called complete")
			}
		})
	}
}

func TestAnUnreachableTUNEIsTransientAndTheErrorHoldsNoURL(t *testing.T) {
	b := newBench(t, nil)
	api, err := tune.NewClient("http://127.0.0.1:1", token, b.wait())
	if err != nil {
		t.Fatal(err)
	}
	b.API = api
	_, err = b.FetchAll(context.Background(), tune.Offers)
	if loader.ClassOf(err) != loader.Transient || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "Apiv3") {
		t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
}

func TestAFetchThatCannotBeArchivedIsNotComplete(t *testing.T) {
	b := newBench(t, func(int, url.Values) (int, string) { return 200, paged(1, 1, 1) })
	broken := errors.New("the archive is away")
	b.Archive = archiveFunc(func(string) error { return broken })
	if _, err := b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19"); !errors.Is(err, broken) {
		t.Errorf("err %v", err)
	}
}

// Each golden line of records/ is what a fetch makes of TUNE's object with the same fields.
func TestGoldenRecords(t *testing.T) {
	for _, target := range []tune.Target{tune.Conversions, tune.Offers, tune.Goals} {
		t.Run(string(target), func(t *testing.T) {
			golden := goldenLine(t, "tune_"+string(target))
			object := map[string]any{}
			for key, value := range golden {
				if key != "v" && key != "fetch_id" && key != "observed_at" {
					object[strings.ToUpper(key[:1])+key[1:]] = value
				}
			}
			delete(object, "Id")
			object["id"] = golden["id"]
			model := map[tune.Target]string{tune.Conversions: "Conversion", tune.Offers: "Offer", tune.Goals: "Goal"}[target]
			rows, err := json.Marshal(map[string]any{"x": map[string]any{model: object}})
			if err != nil {
				t.Fatal(err)
			}
			b := newBench(t, func(int, url.Values) (int, string) { return 200, response(`{"status":1,"data":%s}`, rows) })
			b.NewID = func() string { return golden["fetch_id"].(string) }
			if target == tune.Conversions {
				_, err = b.FetchConversions(context.Background(), "2026-11-19", "2026-11-19")
			} else {
				_, err = b.FetchAll(context.Background(), target)
			}
			if err != nil {
				t.Fatal(err)
			}
			got := b.archive.lines(t, "tune_"+string(target)+"/")[0]
			got["observed_at"] = golden["observed_at"]
			if !reflect.DeepEqual(got, golden) {
				t.Errorf("got  %v\nwant %v", got, golden)
			}
		})
	}
}

func goldenLine(t *testing.T, stream string) map[string]any {
	t.Helper()
	return goldenLines(t, stream)[0]
}

func goldenLines(t *testing.T, stream string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile("../../records/" + stream + ".ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for _, one := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var line map[string]any
		if err := json.Unmarshal([]byte(one), &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// TUNE filters by what its own clock showed, so the day on which the clock goes back (25 hours) is asked for like any other.
func TestADayOfTwentyFiveHoursIsOneWindow(t *testing.T) {
	b := newBench(t, func(int, url.Values) (int, string) { return 200, paged(0, 0) })
	if _, err := b.FetchConversions(context.Background(), "2026-10-31", "2026-11-02"); err != nil {
		t.Fatal(err)
	}
	var windows []string
	for _, call := range b.tune.calls {
		windows = append(windows, strings.Join(call["filters[datetime][values][]"], " to "))
	}
	want := []string{"2026-10-31 00:00:00 to 2026-10-31 23:59:59", "2026-11-01 00:00:00 to 2026-11-01 23:59:59", "2026-11-02 00:00:00 to 2026-11-02 23:59:59"}
	if !slices.Equal(windows, want) {
		t.Errorf("windows %v", windows)
	}
}
