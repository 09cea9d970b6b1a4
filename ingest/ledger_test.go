package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"backstop/ingest"
)

const (
	ledgerPostbacks   = 60
	ledgerMaxReceives = 5
)

// world is a destination and an archive that fail by a seed, and the ledger of what truly happened.
type world struct {
	mu     sync.Mutex
	chance *rand.Rand
	faults faults

	booked   map[string]int    // by postback: how often the destination took it
	archived map[string]int    // by postback: lines
	last     map[string]string // by postback: the outcome of its last recorded attempt
	final    map[string]bool
	accepted map[string]bool // some attempt says accepted or duplicate
}

// faults are chances in percent.
type faults struct{ destination, stream, store, crash int }

func newWorld(seed uint64, f faults) *world {
	return &world{
		chance: rand.New(rand.NewPCG(seed, 7)), faults: f, booked: map[string]int{}, archived: map[string]int{},
		last: map[string]string{}, final: map[string]bool{}, accepted: map[string]bool{},
	}
}

func (w *world) hits(percent int) bool { return w.chance.IntN(100) < percent }

// Send is a destination that books and answers, books and stays silent, or fails.
func (w *world) Send(_ context.Context, variables map[string]string) ingest.Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := variables["transaction_id"]
	if w.hits(w.faults.destination) {
		return ingest.Result{Outcome: ingest.Transient, Reason: "HTTP 503"}
	}
	w.booked[id]++
	switch {
	case w.hits(w.faults.destination):
		return ingest.Result{Outcome: ingest.Unknown, Reason: "no answer"}
	case w.booked[id] > 1:
		return ingest.Result{Outcome: ingest.Duplicate}
	}
	return ingest.Result{Outcome: ingest.Accepted}
}

// PutRecords takes a record, refuses it, or takes it and says that it refused.
func (w *world) PutRecords(_ context.Context, records [][]byte) (refused []int, err error) {
	for i, record := range records {
		refuses := w.hits(w.faults.stream)
		if !refuses || w.hits(20) {
			if err := w.land(record); err != nil {
				return nil, err
			}
		}
		if refuses {
			refused = append(refused, i)
		}
	}
	return refused, nil
}

// Put is the bucket past the stream.
func (w *world) Put(_ context.Context, _ string, gzipped []byte) error {
	if w.hits(w.faults.store) {
		return errors.New("access denied")
	}
	zip, err := gzip.NewReader(bytes.NewReader(gzipped))
	if err != nil {
		return err
	}
	lines, err := io.ReadAll(zip)
	return errors.Join(err, w.land(lines))
}

func (w *world) land(lines []byte) error {
	for line := range bytes.Lines(lines) {
		var record struct {
			PostbackID string `json:"postback_id"`
			Outcome    string `json:"outcome"`
			Final      bool   `json:"final"`
		}
		if err := json.Unmarshal(line, &record); err != nil {
			return err
		}
		if record.Outcome == "" {
			w.archived[record.PostbackID]++
			continue
		}
		w.last[record.PostbackID] = record.Outcome
		w.final[record.PostbackID] = w.final[record.PostbackID] || record.Final
		w.accepted[record.PostbackID] = w.accepted[record.PostbackID] || record.Outcome == "accepted" || record.Outcome == "duplicate"
	}
	return nil
}

// play brings every message to its end through batches that crash now and then, before their answer reaches the queue, and answers the
// ids that ended in the dead-letter queue.
func (w *world) play(t *testing.T) map[string]bool {
	f, _, _ := forwarder(w)
	f.Postbacks, f.Attempts, f.MaxReceives = archiver(w, w), archiver(w, w), ledgerMaxReceives
	var queue []ingest.Delivery
	for i := range ledgerPostbacks {
		id := fmt.Sprintf("%03d", i)
		queue = append(queue, delivery(t, id, "route=r&to=tune&id="+id+[]string{"", "&rejected=1", "&shadow=1"}[max(i%12-9, 0)], 0))
	}
	dead := map[string]bool{}
	for len(queue) > 0 {
		w.chance.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
		batch := queue[:min(10, len(queue))]
		again := w.invoke(t, f, batch)
		rest := queue[len(batch):]
		queue = append([]ingest.Delivery{}, rest...)
		for _, d := range again {
			if d.ReceiveCount >= ledgerMaxReceives {
				dead[d.MessageID[len("m-"):]] = true
			} else {
				queue = append(queue, d)
			}
		}
	}
	return dead
}

// invoke hands a batch over and answers what is not deleted from the queue. A crash is an invocation whose answer nobody hears.
func (w *world) invoke(t *testing.T, f *ingest.Forwarder, batch []ingest.Delivery) []ingest.Delivery {
	for i := range batch {
		batch[i].ReceiveCount++
	}
	comesAgain := map[string]bool{}
	for _, failure := range f.Forward(t.Context(), batch) {
		comesAgain[failure.MessageID] = true
	}
	crashed := w.hits(w.faults.crash)
	var again []ingest.Delivery
	for _, d := range batch {
		if crashed || comesAgain[d.MessageID] {
			again = append(again, d)
		}
	}
	return again
}

// For every seed the ledger balances: each postback is archived or in the dead-letter queue, each that left the queue has a final outcome,
// nothing withheld was sent, and what the destination booked is known to be booked unless its every answer was lost.
func TestTheLedgerBalancesUnderFaults(t *testing.T) {
	schedules := map[string]faults{
		"none":                {},
		"destination":         {destination: 40},
		"stream":              {stream: 60},
		"stream and bucket":   {stream: 70, store: 50},
		"crashes":             {crash: 30},
		"all of them at once": {destination: 30, stream: 50, store: 30, crash: 15},
	}
	for name, schedule := range schedules {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(8) {
				w := newWorld(seed, schedule)
				dead := w.play(t)
				w.balance(t, seed, dead)
				if schedule.store == 0 && schedule.crash == 0 && len(dead) > 0 {
					t.Errorf("seed %d: %d in the dead-letter queue through no fault of ours", seed, len(dead))
				}
			}
		})
	}
}

func (w *world) balance(t *testing.T, seed uint64, dead map[string]bool) {
	t.Helper()
	settled := 0
	for i := range ledgerPostbacks {
		id, withheld := fmt.Sprintf("%03d", i), i%12 > 9
		switch {
		case !dead[id] && w.archived[id] == 0:
			t.Errorf("seed %d: %s left the queue and is not archived", seed, id)
		case !dead[id] && !w.final[id]:
			t.Errorf("seed %d: %s left the queue with the last outcome %q", seed, id, w.last[id])
		case withheld && (w.booked[id] > 0 || w.last[id] != "" && w.last[id] != "withheld"):
			t.Errorf("seed %d: %s was to be withheld, but %q and booked %d times", seed, id, w.last[id], w.booked[id])
		case w.accepted[id] && w.booked[id] == 0:
			t.Errorf("seed %d: %s is recorded as accepted, but nobody booked it", seed, id)
		case !withheld && !dead[id] && w.booked[id] == 0 && w.last[id] != "expired":
			t.Errorf("seed %d: %s was selected, is %q, and was never booked", seed, id, w.last[id])
		}
		if w.final[id] && !dead[id] {
			settled++
		}
	}
	if settled+len(dead) != ledgerPostbacks {
		t.Errorf("seed %d: %d settled + %d dead != %d", seed, settled, len(dead), ledgerPostbacks)
	}
}
