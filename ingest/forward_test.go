package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"backstop/ingest"
)

// router decides by the parameters, so that a test says in the query what shall become of it.
type router struct{}

func (router) Version() string { return "1" }

func (router) Decide(p ingest.Postback) ingest.Decision {
	params := p.Params().First()
	return ingest.Decision{
		MMPRejected: params["rejected"] != "", Route: params["route"], Destination: params["to"], Shadow: params["shadow"] != "",
		Variables: map[string]string{"transaction_id": params["id"]},
	}
}

// senderFunc is a destination as a function of the variables.
type senderFunc func(ctx context.Context, variables map[string]string) ingest.Result

func (f senderFunc) Send(ctx context.Context, variables map[string]string) ingest.Result {
	return f(ctx, variables)
}

func always(outcome ingest.Outcome) senderFunc {
	return func(context.Context, map[string]string) ingest.Result {
		return ingest.Result{StatusCode: 200, Outcome: outcome, Reason: "words", Response: "body"}
	}
}

// archiveFunc answers for each line whether it is lost.
type archiveFunc func(lines [][]byte) []error

func (f archiveFunc) Archive(_ context.Context, lines [][]byte) []error { return f(lines) }

func forwarder(sender ingest.Sender) (f *ingest.Forwarder, postbacks, attempts *memoryArchive) {
	postbacks, attempts = &memoryArchive{}, &memoryArchive{}
	return &ingest.Forwarder{
		Router: router{}, Destinations: map[string]ingest.Destination{"tune": {Concurrency: 4, Timeout: 5 * time.Second, Sender: sender}},
		Postbacks: postbacks, Attempts: attempts, NewID: ingest.NewID, Now: time.Now, MaxReceives: 5, Meter: ingest.NewMeter(io.Discard, time.Now),
	}, postbacks, attempts
}

func delivery(t testing.TB, id, query string, receives int) ingest.Delivery {
	t.Helper()
	return deliver(t, ingest.Message{Postback: ingest.Postback{ID: id, Source: "appsflyer", Verdict: ingest.VerdictOK, RawQuery: query}, Attempt: 1}, receives)
}

func deliver(t testing.TB, message ingest.Message, receives int) ingest.Delivery {
	t.Helper()
	body, err := message.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return ingest.Delivery{MessageID: "m-" + message.Postback.ID, ReceiveCount: receives, Body: body}
}

func failed(failures []ingest.Failure) []string {
	ids := []string{}
	for _, f := range failures {
		ids = append(ids, f.MessageID)
	}
	return ids
}

// attemptOf reads what the attempt lines say: outcome, reason, final.
func attemptOf(t *testing.T, line []byte) (outcome, reason string, final bool) {
	t.Helper()
	record, err := decoded(line)
	if err != nil {
		t.Fatal(err)
	}
	return record["outcome"].(string), record["reason"].(string), record["final"].(bool)
}

func TestWhatBecomesOfAPostback(t *testing.T) {
	tests := []struct {
		name     string
		query    string
		answer   ingest.Outcome
		receives int
		outcome  string
		reason   string
		final    bool
		again    bool
	}{
		{"accepted", "route=r&to=tune", ingest.Accepted, 1, "accepted", "words", true, false},
		{"duplicate", "route=r&to=tune", ingest.Duplicate, 1, "duplicate", "words", true, false},
		{"rejected", "route=r&to=tune", ingest.Rejected, 1, "rejected", "words", true, false},
		{"transient", "route=r&to=tune", ingest.Transient, 1, "transient", "words", false, true},
		{"unknown", "route=r&to=tune", ingest.Unknown, 4, "unknown", "words", false, true},
		{"transient at the last receive", "route=r&to=tune", ingest.Transient, 5, "expired", "transient: words", true, false},
		{"unknown at the last receive", "route=r&to=tune", ingest.Unknown, 5, "expired", "unknown: words", true, false},
		{"beyond the last receive", "route=r&to=tune", ingest.Unknown, 6, "expired", "unknown: words", true, false},
		{"accepted at the last receive", "route=r&to=tune", ingest.Accepted, 5, "accepted", "words", true, false},
		{"rejected by the MMP", "route=r&to=tune&rejected=1", ingest.Accepted, 1, "withheld", "mmp_rejected", true, false},
		{"in a shadow", "route=r&to=tune&shadow=1", ingest.Accepted, 1, "withheld", "shadow", true, false},
		{"rejected by the MMP, in a shadow", "route=r&to=tune&shadow=1&rejected=1", ingest.Accepted, 1, "withheld", "mmp_rejected", true, false},
		{"no route", "x=1", ingest.Accepted, 1, "withheld", "no_route", true, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, postbacks, attempts := forwarder(always(test.answer))
			failures := f.Forward(t.Context(), []ingest.Delivery{delivery(t, "p", test.query, test.receives)})
			if (len(failures) == 1) != test.again || len(postbacks.lines) != 1 || len(attempts.lines) != 1 {
				t.Fatalf("%v come again; %d postbacks and %d attempts archived", failed(failures), len(postbacks.lines), len(attempts.lines))
			}
			if outcome, reason, final := attemptOf(t, attempts.lines[0]); outcome != test.outcome || reason != test.reason || final != test.final {
				t.Errorf("recorded %s (%s), final %v", outcome, reason, final)
			}
		})
	}
}

func TestTheUnverifiedAreArchivedAndNothingElse(t *testing.T) {
	f, postbacks, attempts := forwarder(senderFunc(func(context.Context, map[string]string) ingest.Result {
		t.Error("an unverified postback is sent")
		return ingest.Result{}
	}))
	var batch []ingest.Delivery
	for _, verdict := range []ingest.Verdict{ingest.VerdictBadToken, ingest.VerdictUnknownSource, ingest.VerdictTooLarge} {
		p := ingest.Postback{ID: string(verdict), Verdict: verdict, RawQuery: "route=r&to=tune"}
		batch = append(batch, deliver(t, ingest.Message{Postback: p, Attempt: 1}, 1))
	}
	if failures := f.Forward(t.Context(), batch); len(failures) != 0 || len(postbacks.lines) != 3 || len(attempts.lines) != 0 {
		t.Errorf("%v come again; %d postbacks and %d attempts archived", failed(failures), len(postbacks.lines), len(attempts.lines))
	}
}

func TestRetriesAndReplaysAreNotArchivedAgain(t *testing.T) {
	f, postbacks, attempts := forwarder(always(ingest.Accepted))
	p := ingest.Postback{ID: "p", Verdict: ingest.VerdictOK, RawQuery: "route=r&to=tune"}
	batch := []ingest.Delivery{
		deliver(t, ingest.Message{Postback: p, Attempt: 2}, 1), deliver(t, ingest.Message{Postback: p, Attempt: 1, ReplayID: "replay"}, 1),
	}
	f.Forward(t.Context(), batch)
	if len(postbacks.lines) != 0 || len(attempts.lines) != 2 || !strings.Contains(string(attempts.lines[0]), `"attempt":2,`) ||
		!strings.Contains(string(attempts.lines[1]), `"replay_id":"replay"`) {
		t.Errorf("%d postbacks archived; attempts %s", len(postbacks.lines), attempts.lines)
	}
}

func TestNothingIsSentThatIsNotArchived(t *testing.T) {
	var sent atomic.Int32
	f, _, attempts := forwarder(senderFunc(func(context.Context, map[string]string) ingest.Result {
		sent.Add(1)
		return ingest.Result{Outcome: ingest.Accepted}
	}))
	f.Postbacks = archiveFunc(func(lines [][]byte) []error { return []error{nil, errors.New("not kept"), nil} })
	batch := []ingest.Delivery{
		delivery(t, "a", "route=r&to=tune", 1), {MessageID: "foreign", ReceiveCount: 1, Body: []byte("hello")},
		delivery(t, "b", "route=r&to=tune", 5), delivery(t, "c", "route=r&to=tune", 1),
	}
	got := failed(f.Forward(t.Context(), batch))
	if want := []string{"foreign", "m-b"}; !reflect.DeepEqual(got, want) || sent.Load() != 2 || len(attempts.lines) != 2 {
		t.Errorf("%v come again, want %v; %d sent, %d recorded", got, want, sent.Load(), len(attempts.lines))
	}
}

func TestWhatIsNotRecordedComesAgain(t *testing.T) {
	f, _, _ := forwarder(always(ingest.Accepted))
	f.Attempts = archiveFunc(func(lines [][]byte) []error { return []error{errors.New("not kept"), nil} })
	got := failed(f.Forward(t.Context(), []ingest.Delivery{delivery(t, "a", "route=r&to=tune", 5), delivery(t, "b", "route=r&to=tune", 1)}))
	if !reflect.DeepEqual(got, []string{"m-a"}) {
		t.Errorf("%v come again", got)
	}
}

func TestARouteToNowhereComesAgain(t *testing.T) {
	f, _, attempts := forwarder(always(ingest.Accepted))
	got := failed(f.Forward(t.Context(), []ingest.Delivery{delivery(t, "a", "route=r&to=nowhere", 1), delivery(t, "b", "route=r&to=tune", 1)}))
	if !reflect.DeepEqual(got, []string{"m-a"}) || len(attempts.lines) != 1 {
		t.Errorf("%v come again, %d attempts", got, len(attempts.lines))
	}
}

func TestAnEmptyBatchAsksNobody(t *testing.T) {
	f, _, _ := forwarder(always(ingest.Accepted))
	f.Postbacks, f.Attempts = nil, nil
	if failures := f.Forward(t.Context(), nil); len(failures) != 0 {
		t.Errorf("%v come again", failed(failures))
	}
}

// slow answers after a time and knows how many sends ran at once.
type slow struct {
	mu           sync.Mutex
	takes        time.Duration
	running, top int
	sent         int
}

func (s *slow) Send(ctx context.Context, _ map[string]string) ingest.Result {
	s.count(1)
	defer s.count(-1)
	select {
	case <-time.After(s.takes):
		return ingest.Result{Outcome: ingest.Accepted}
	case <-ctx.Done():
		return ingest.Result{Outcome: ingest.Unknown, Reason: ctx.Err().Error()}
	}
}

func (s *slow) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running += n
	s.top = max(s.top, s.running)
	if n > 0 {
		s.sent++
	}
}

func TestEachDestinationHasItsOwnConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wide, narrow := &slow{takes: time.Second}, &slow{takes: time.Second}
		f, _, _ := forwarder(wide)
		f.Destinations["goal"] = ingest.Destination{Concurrency: 1, Timeout: 5 * time.Second, Sender: narrow}
		var batch []ingest.Delivery
		for i := range 6 {
			batch = append(batch, delivery(t, fmt.Sprint("a", i), "route=r&to=goal", 1), delivery(t, fmt.Sprint("b", i), "route=r&to=tune", 1))
		}
		began := time.Now()
		if failures := f.Forward(t.Context(), batch); len(failures) != 0 {
			t.Errorf("%v come again", failed(failures))
		}
		if wide.top != 4 || narrow.top != 1 || time.Since(began) != 6*time.Second {
			t.Errorf("%d and %d at once, %s", wide.top, narrow.top, time.Since(began))
		}
	})
}

func TestNoSendStartsThatCouldNotBeRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sender := &slow{takes: 4 * time.Second}
		f, _, attempts := forwarder(sender)
		ctx, cancel := context.WithTimeout(t.Context(), 23*time.Second) // a send may last 5 s, recording has 10: they may start in the first 8
		defer cancel()
		var batch []ingest.Delivery
		for i := range 13 {
			receives := 1
			if i == 12 {
				receives = 5
			}
			batch = append(batch, delivery(t, fmt.Sprintf("%02d", i), "route=r&to=tune", receives))
		}
		failures := f.Forward(ctx, batch)
		if ctx.Err() != nil {
			t.Error("the invocation has ended before its answer")
		}
		expired := 0
		for _, line := range attempts.lines {
			if outcome, reason, _ := attemptOf(t, line); outcome == "expired" && strings.Contains(reason, "no time left") {
				expired++
			}
		}
		// Four at a time, begun at 0, 4 and 8 s: 12 of 13, whichever they are.
		if sender.sent != 12 || len(failures)+expired != 1 {
			t.Errorf("%d sent, %d come again, %d expired", sender.sent, len(failures), expired)
		}
	})
}

func TestASendEndsWithItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, attempts := forwarder(&slow{takes: time.Hour})
		began := time.Now()
		f.Forward(t.Context(), []ingest.Delivery{delivery(t, "a", "route=r&to=tune", 1)})
		if outcome, _, _ := attemptOf(t, attempts.lines[0]); outcome != "unknown" || time.Since(began) != 5*time.Second {
			t.Errorf("%s after %s", outcome, time.Since(began))
		}
	})
}
