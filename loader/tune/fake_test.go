package tune_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"backstop/loader/tune"
)

const token = "NETtopsecrettoken"

// observed is the time that the fake TUNE shows in its Date header: a little before midnight UTC of the 20th.
func observed() time.Time { return time.Date(2026, 11, 20, 23, 59, 58, 0, time.UTC) }

// fakeTUNE answers each call by the function; body is the envelope's `response` as text.
type fakeTUNE struct {
	mu    sync.Mutex
	calls []url.Values
	reply func(call int, query url.Values) (status int, body string)
}

func (f *fakeTUNE) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.calls = append(f.calls, r.URL.Query())
	call := len(f.calls)
	f.mu.Unlock()
	status, body := f.reply(call, r.URL.Query())
	w.Header().Set("Date", observed().Format(http.TimeFormat))
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func response(format string, args ...any) string {
	return `{"request":{"NetworkToken":"` + token + `"},"response":` + fmt.Sprintf(format, args...) + `}`
}

// paged is a page of conversions with these ids, keyed by id as TUNE does.
func paged(count, pages int, ids ...int) string {
	rows := map[string]any{}
	for _, id := range ids {
		rows[fmt.Sprint(id)] = map[string]any{"Conversion": map[string]any{"id": fmt.Sprint(id), "payout": "2.00000", "datetime": "2026-11-19 10:00:00"}}
	}
	var data any = rows
	if len(ids) == 0 {
		data = []any{}
	}
	text, err := json.Marshal(map[string]any{"status": 1, "httpStatus": 200, "errors": []any{}, "errorMessage": nil,
		"data": map[string]any{"page": 1, "count": count, "pageCount": pages, "data": data}})
	if err != nil {
		panic(err)
	}
	return response("%s", text)
}

type memoryArchive struct{ files map[string][]byte }

func (a *memoryArchive) Put(_ context.Context, key string, body []byte) error {
	a.files[key] = body
	return nil
}

// lines gives the archived lines of all files whose key begins with the prefix, in key order.
func (a *memoryArchive) lines(t *testing.T, prefix string) []map[string]any {
	t.Helper()
	var keys []string
	for key := range a.files {
		if len(key) >= len(prefix) && key[:len(prefix)] == prefix {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var lines []map[string]any
	for _, key := range keys {
		unpacked, err := gzip.NewReader(bytes.NewReader(a.files[key]))
		if err != nil {
			t.Fatalf("%s is not gzip: %v", key, err)
		}
		for scan := bufio.NewScanner(unpacked); scan.Scan(); {
			var line map[string]any
			if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

type bench struct {
	*tune.Fetcher
	tune    *fakeTUNE
	archive *memoryArchive
	waits   []time.Duration
}

// newBench gives a fetcher of one row a page whose pauses take no time.
func newBench(t *testing.T, reply func(call int, query url.Values) (int, string)) *bench {
	t.Helper()
	b := &bench{tune: &fakeTUNE{reply: reply}, archive: &memoryArchive{files: map[string][]byte{}}}
	server := httptest.NewServer(b.tune)
	t.Cleanup(server.Close)
	api, err := tune.NewClient(server.URL, token, func(_ context.Context, d time.Duration) error {
		b.waits = append(b.waits, d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := 0
	b.Fetcher = &tune.Fetcher{API: api, Archive: b.archive, PageSize: 1, NewID: func() string {
		ids++
		return fmt.Sprintf("fetch-%d", ids)
	}}
	return b
}

func idsOf(lines []map[string]any) []string {
	var ids []string
	for _, line := range lines {
		ids = append(ids, fmt.Sprint(line["id"]))
	}
	return ids
}
