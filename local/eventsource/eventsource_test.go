package eventsource_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"backstop/local/eventsource"
	"backstop/local/lambdahost"
	"backstop/local/sqs"
)

// function is a Lambda function that keeps its batches.
type function struct {
	mu      sync.Mutex
	batches []events.SQSEvent
	sizes   []int
	answer  func(call int, e events.SQSEvent) (string, error)
}

func (f *function) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var e events.SQSEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches, f.sizes = append(f.batches, e), append(f.sizes, len(payload))
	if f.answer == nil {
		return nil, nil
	}
	answer, err := f.answer(len(f.batches), e)
	return []byte(answer), err
}

// seen counts how often each message's body came.
func (f *function) seen() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]int{}
	for _, e := range f.batches {
		for _, r := range e.Records {
			out[r.Body]++
		}
	}
	return out
}

// visibility is long enough that no batch outlives it by accident.
const visibility = 250 * time.Millisecond

// bench is a mapping between a queue (with a dead-letter queue after two receives) and a function.
type bench struct {
	server   *sqs.Server
	main     *sqs.Queue
	dead     *sqs.Queue
	function *function
	mapping  eventsource.Mapping
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{server: sqs.New(sqs.Options{Speed: float64(time.Second / visibility)}), function: &function{}}
	var err error
	if b.dead, err = b.server.Ensure("dead", nil); err != nil {
		t.Fatal(err)
	}
	if b.main, err = b.server.Ensure("main", map[string]string{"VisibilityTimeout": "1",
		"RedrivePolicy": `{"deadLetterTargetArn":"` + b.dead.ARN() + `","maxReceiveCount":2}`}); err != nil {
		t.Fatal(err)
	}
	b.mapping = eventsource.Mapping{Queue: b.main, Function: b.function, QueueARN: b.main.ARN(), Region: "us-east-1", ReportsFailures: true}
	return b
}

// hideLong keeps received messages hidden for longer than any test takes.
func (b *bench) hideLong(t *testing.T) {
	t.Helper()
	if _, err := b.server.Ensure("main", map[string]string{"VisibilityTimeout": "43200"}); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) send(t *testing.T, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if err := b.main.Send(t.Context(), body); err != nil {
			t.Fatal(err)
		}
	}
}

// run polls until the queue is empty.
func (b *bench) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.mapping.Run(ctx) }()
	if err := b.main.WaitEmpty(t.Context()); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}

// fails answers with the ids of messages that have one of the bodies.
func fails(bodies ...string) func(int, events.SQSEvent) (string, error) {
	return func(_ int, e events.SQSEvent) (string, error) {
		response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		for _, r := range e.Records {
			if slices.Contains(bodies, r.Body) {
				response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
			}
		}
		text, err := json.Marshal(response)
		return string(text), err
	}
}

func TestTheEventIsSQSs(t *testing.T) {
	b := newBench(t)
	b.send(t, "hello")
	b.run(t)
	if len(b.function.batches) != 1 {
		t.Fatalf("%d batches, want 1", len(b.function.batches))
	}
	r := b.function.batches[0].Records[0]
	if r.Body != "hello" || r.EventSource != "aws:sqs" || r.EventSourceARN != b.main.ARN() || r.AWSRegion != "us-east-1" ||
		r.Attributes["ApproximateReceiveCount"] != "1" || r.Attributes["SentTimestamp"] == "" || r.ReceiptHandle == "" || r.Md5OfBody != "5d41402abc4b2a76b9719d911017c592" {
		t.Errorf("record = %+v", r)
	}
}

func TestOnlyReportedMessagesComeAgain(t *testing.T) {
	b := newBench(t)
	b.function.answer = fails("bad")
	b.mapping.BatchSize = 50
	b.send(t, "good", "bad", "fine")
	b.run(t)
	want := map[string]int{"good": 1, "bad": 2, "fine": 1}
	if got := b.function.seen(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("seen %v, want %v", got, want)
	}
	if got := b.dead.Depth(); got.Visible != 1 {
		t.Errorf("dead-letter queue = %+v, want the bad one", got)
	}
}

func TestAnswers(t *testing.T) {
	reply := func(text string) func(int, events.SQSEvent) (string, error) {
		return func(int, events.SQSEvent) (string, error) { return text, nil }
	}
	for _, test := range []struct {
		name    string
		answer  func(int, events.SQSEvent) (string, error)
		plain   bool // the mapping does not report failures
		success bool
	}{
		{"no answer", reply(""), false, true},
		{"null", reply("null"), false, true},
		{"empty object", reply("{}"), false, true},
		{"null list", reply(`{"batchItemFailures":null}`), false, true},
		{"empty list", reply(`{"batchItemFailures":[]}`), false, true},
		{"unknown id", reply(`{"batchItemFailures":[{"itemIdentifier":"nobody"}]}`), false, false},
		{"empty id", reply(`{"batchItemFailures":[{"itemIdentifier":""}]}`), false, false},
		{"null id", reply(`{"batchItemFailures":[{"itemIdentifier":null}]}`), false, false},
		{"wrong key", reply(`{"batchItemFailures":[{"id":"x"}]}`), false, false},
		{"not JSON", reply("done"), false, false},
		{"a text", reply(`"done"`), false, false},
		{"error", func(int, events.SQSEvent) (string, error) { return "", errors.New("crashed") }, false, false},
		{"failures that are not asked for", fails("one", "two"), true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.function.answer, b.mapping.ReportsFailures = test.answer, !test.plain
			b.send(t, "one", "two")
			b.run(t)
			times, dead := 2, 2
			if test.success {
				times, dead = 1, 0
			}
			if got := b.function.seen(); got["one"] != times || got["two"] != times || b.dead.Depth().Visible != dead {
				t.Errorf("seen %v, %d dead letters; want each %d times and %d", got, b.dead.Depth().Visible, times, dead)
			}
		})
	}
}

func TestThrottledBatchesAreTriedAgainWithoutBurningReceives(t *testing.T) {
	b := newBench(t)
	b.hideLong(t)
	b.function.answer = func(call int, _ events.SQSEvent) (string, error) {
		if call < 4 {
			return "", fmt.Errorf("invoke: %w", lambdahost.ErrThrottled)
		}
		return "", nil
	}
	b.send(t, "one")
	b.run(t)
	last := b.function.batches[3].Records[0]
	if len(b.function.batches) != 4 || last.Attributes["ApproximateReceiveCount"] != "1" {
		t.Errorf("%d invocations, the last of receive %s; want 4 of the first receive", len(b.function.batches), last.Attributes["ApproximateReceiveCount"])
	}
}

func TestBatchesKeepToTheirSizeAndToLambdasLimit(t *testing.T) {
	b := newBench(t)
	b.hideLong(t)
	b.mapping.BatchSize, b.mapping.Concurrency = 25, 2
	var bodies []string
	for range 30 {
		bodies = append(bodies, strings.Repeat("\"", 500<<10)) // escaped, twice as long
	}
	b.send(t, bodies...)
	b.run(t)
	total := 0
	for i, e := range b.function.batches {
		total += len(e.Records)
		if len(e.Records) > 25 || b.function.sizes[i] > 6<<20 {
			t.Errorf("a batch of %d messages and %d bytes", len(e.Records), b.function.sizes[i])
		}
	}
	if total != 30 {
		t.Errorf("%d messages handled, want 30", total)
	}
}

// watched is a queue that tells of every message it hands out.
type watched struct {
	*sqs.Queue
	received chan string
}

func (w watched) Receive(ctx context.Context, most int, wait time.Duration) ([]sqs.Message, error) {
	messages, err := w.Queue.Receive(ctx, most, wait)
	for _, m := range messages {
		w.received <- m.Body
	}
	return messages, err
}

func TestTheWindowFillsABatchAndAStopHandsOverWhatIsThere(t *testing.T) {
	b := newBench(t)
	b.hideLong(t)
	queue := watched{b.main, make(chan string, 3)}
	b.mapping.Queue, b.mapping.BatchSize, b.mapping.Window, b.mapping.Concurrency = queue, 2, time.Hour, 2
	full := make(chan struct{}, 1)
	b.function.answer = func(_ int, e events.SQSEvent) (string, error) {
		if len(e.Records) == 2 {
			full <- struct{}{}
		}
		return "", nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.mapping.Run(ctx) }()
	b.send(t, "one", "two", "three") // for two pollers: one of them gets two, and one message waits for the window
	for range 3 {
		<-queue.received
	}
	<-full
	cancel()
	<-ended
	if got := b.function.seen(); len(got) != 3 || len(b.function.batches) != 2 {
		t.Errorf("seen %v in %d batches, want 3 in 2", got, len(b.function.batches))
	}
	if depth := b.main.Depth(); !depth.Empty() {
		t.Errorf("left in the queue: %+v", depth)
	}
}
