package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"backstop/ingest"
)

// faultyStream is a stream that answers call by call as it is told, and holds what it took.
type faultyStream struct {
	answer func(call int, records [][]byte) (refused []int, err error) // nil: takes everything
	calls  int
	asked  [][]byte
	taken  [][]byte
	broken error // what a real stream would refuse
}

func (s *faultyStream) PutRecords(_ context.Context, records [][]byte) ([]int, error) {
	s.calls++
	s.checkLimits(records)
	s.asked = append(s.asked, records...)
	var refused []int
	if s.answer != nil {
		var err error
		if refused, err = s.answer(s.calls, records); err != nil {
			return nil, err
		}
	}
	no := map[int]bool{}
	for _, i := range refused {
		no[i] = true
	}
	for i, record := range records {
		if !no[i] {
			s.taken = append(s.taken, bytes.Clone(record))
		}
	}
	return refused, nil
}

// checkLimits knows the service's limits on its own.
func (s *faultyStream) checkLimits(records [][]byte) {
	size := 0
	for _, record := range records {
		size += len(record)
		if len(record) > 1_024_000 || len(record) == 0 {
			s.broken = fmt.Errorf("a record of %d bytes", len(record))
		}
	}
	if len(records) > 500 || len(records) == 0 || size > 4_194_304 {
		s.broken = fmt.Errorf("a call of %d records, %d bytes", len(records), size)
	}
}

// memoryStore keeps objects.
type memoryStore struct {
	objects map[string][]byte
	err     error
}

func (s *memoryStore) Put(_ context.Context, key string, gzipped []byte) error {
	if s.err != nil {
		return s.err
	}
	if s.objects == nil {
		s.objects = map[string][]byte{}
	}
	s.objects[key] = bytes.Clone(gzipped)
	return nil
}

func (s *memoryStore) text(t interface{ Fatal(...any) }) []byte {
	var all []byte
	for _, object := range s.objects {
		zip, err := gzip.NewReader(bytes.NewReader(object))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(zip)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// archiver waits for nobody.
func archiver(stream ingest.Stream, store ingest.Store) *ingest.Archiver {
	a := ingest.NewArchiver("postbacks", stream, store, ingest.NewMeter(io.Discard, time.Now))
	a.Pause = func(context.Context, time.Duration) {}
	a.Now = func() time.Time { return time.Date(2026, 11, 19, 23, 59, 59, 0, time.FixedZone("", -3600)) }
	a.NewID = func(time.Time) string { return "id" }
	return a
}

// numbered makes lines of the sizes, each with its number in it.
func numbered(sizes []int) [][]byte {
	lines := make([][]byte, len(sizes))
	for i, size := range sizes {
		text := fmt.Sprintf(`{"n":%d,"pad":"`, i)
		lines[i] = []byte(text + strings.Repeat("x", max(size-len(text)-3, 0)) + "\"}\n")
	}
	return lines
}

// numbers reads the lines' numbers back, each as often as it is there.
func numbers(t interface{ Fatalf(string, ...any) }, ndjson []byte) map[int]int {
	found := map[int]int{}
	for line := range bytes.Lines(ndjson) {
		var record struct{ N int }
		if err := json.Unmarshal(line, &record); err != nil || line[len(line)-1] != '\n' {
			t.Fatalf("no whole line: %.60q", line)
		}
		found[record.N]++
	}
	return found
}

func TestEveryLineIsArchivedWithinTheLimits(t *testing.T) {
	size := rapid.OneOf(rapid.IntRange(20, 3000), rapid.IntRange(4000, 6000), rapid.IntRange(900<<10-50, 900<<10))
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(size, 1, 9).Draw(t, "sizes")
		if rapid.Bool().Draw(t, "many") {
			sizes = append(sizes, make([]int, 2000)...) // tiny ones
		}
		lines := numbered(sizes)
		stream, store := &faultyStream{answer: randomFaults(rapid.Uint64().Draw(t, "seed"))}, &memoryStore{}
		if errs := archiver(stream, store).Archive(context.Background(), lines); errs != nil {
			t.Fatalf("lost lines: %v", errors.Join(errs...))
		}
		if stream.broken != nil {
			t.Fatal(stream.broken)
		}
		found := numbers(t, append(bytes.Join(stream.taken, nil), store.text(t)...))
		for i := range lines {
			if found[i] == 0 {
				t.Fatalf("line %d is nowhere", i)
			}
		}
	})
}

// randomFaults refuses some records, or whole calls, by chance.
func randomFaults(seed uint64) func(int, [][]byte) ([]int, error) {
	chance := rand.New(rand.NewPCG(seed, 0))
	return func(_ int, records [][]byte) ([]int, error) {
		if chance.IntN(4) == 0 {
			return nil, errors.New("service unavailable")
		}
		var refused []int
		for i := range records {
			if chance.IntN(3) == 0 {
				refused = append(refused, i)
			}
		}
		return refused, nil
	}
}

func TestSmallLinesAreBilledAlmostAsTheyAre(t *testing.T) {
	stream := &faultyStream{}
	lines := numbered(slices.Repeat([]int{500}, 500))
	archiver(stream, &memoryStore{}).Archive(t.Context(), lines)
	billed, payload := 0, len(bytes.Join(lines, nil))
	for _, record := range stream.asked {
		billed += (len(record) + 5119) / 5120 * 5120
	}
	if billed > payload*105/100 {
		t.Errorf("%d bytes are billed for %d", billed, payload)
	}
}

func TestACallEndsBelowItsLimit(t *testing.T) {
	stream := &faultyStream{}
	archiver(stream, &memoryStore{}).Archive(t.Context(), numbered(slices.Repeat([]int{900 << 10}, 10)))
	if stream.broken != nil || stream.calls != 3 || len(stream.taken) != 10 {
		t.Errorf("%d records in %d calls: %v", len(stream.taken), stream.calls, stream.broken)
	}
}

// Three records; each test says what the stream answers to each call, and what it must have been asked.
func TestOnlyRefusedRecordsAreSentAgain(t *testing.T) {
	big := 700 << 10
	down := errors.New("down")
	tests := []struct {
		name    string
		answers [][]int // refused by call
		errs    []error
		asked   []int // records by call
		past    []int // lines that had to go past the stream
	}{
		{"all taken", [][]int{nil}, nil, []int{3}, nil},
		{"one refused once", [][]int{{1}, nil}, nil, []int{3, 1}, nil},
		{"fewer each time", [][]int{{0, 2}, {1}, nil}, nil, []int{3, 2, 1}, nil},
		{"one refused for good", [][]int{{1}, {0}, {0}}, nil, []int{3, 1, 1}, []int{1}},
		{"down once", [][]int{nil, nil}, []error{down}, []int{3, 3}, nil},
		{"down", nil, []error{down, down, down}, []int{3, 3, 3}, []int{0, 1, 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var asked []int
			stream := &faultyStream{answer: func(call int, records [][]byte) ([]int, error) {
				asked = append(asked, len(records))
				if call <= len(test.errs) {
					return nil, test.errs[call-1]
				}
				return test.answers[call-1], nil
			}}
			store := &memoryStore{}
			if errs := archiver(stream, store).Archive(t.Context(), numbered([]int{big, big, big})); errs != nil {
				t.Fatalf("lost lines: %v", errors.Join(errs...))
			}
			if !slices.Equal(asked, test.asked) {
				t.Errorf("asked for %v records, want %v", asked, test.asked)
			}
			past := slices.Sorted(maps.Keys(numbers(t, store.text(t))))
			if !slices.Equal(past, test.past) {
				t.Errorf("lines %v went past the stream, want %v", past, test.past)
			}
			for key := range store.objects {
				if key != "postbacks/dt=2026-11-20/hr=00/past-the-stream-id.gz" {
					t.Errorf("under the key %s", key)
				}
			}
		})
	}
}

func TestLinesThatAreKeptNowhereAreNamed(t *testing.T) {
	stream := &faultyStream{answer: func(call int, records [][]byte) ([]int, error) {
		if call == 1 {
			return []int{1}, nil
		}
		return []int{0}, nil
	}}
	denied := errors.New("access denied")
	errs := archiver(stream, &memoryStore{err: denied}).Archive(t.Context(), numbered([]int{700 << 10, 700 << 10, 100, 700 << 10}))
	if len(errs) != 4 || errs[0] != nil || !errors.Is(errs[1], denied) || !errors.Is(errs[2], denied) || errs[3] != nil {
		t.Fatalf("got %v", errs)
	}
	if !strings.Contains(errs[1].Error(), "refused 1 of 1 records") {
		t.Errorf("the stream's refusal is not told: %v", errs[1])
	}
}

func TestBackOffGrowsWithJitter(t *testing.T) {
	a := archiver(&faultyStream{answer: func(int, [][]byte) ([]int, error) { return nil, errors.New("down") }}, &memoryStore{})
	var limits, paused []time.Duration
	a.Jitter = func(limit time.Duration) time.Duration { limits = append(limits, limit); return limit / 2 }
	a.Pause = func(_ context.Context, d time.Duration) { paused = append(paused, d) }
	a.Archive(t.Context(), numbered([]int{100}))
	if len(limits) != 2 || limits[0] <= 0 || limits[1] != 2*limits[0] || paused[0] != limits[0]/2 || paused[1] != limits[1]/2 {
		t.Errorf("limits %v, pauses %v", limits, paused)
	}
}
