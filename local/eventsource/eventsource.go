// Package eventsource stands in for Lambda's event source mapping of an SQS queue.
//
// Imitated: batches up to BatchSize within the batching window and 6 MB; as many at a time as MaximumConcurrency; the SQS
// event; with ReportBatchItemFailures everything but the reported messages is deleted, an empty, null or missing list is
// success, an unknown or empty id or any other answer fails the whole batch; a failed invocation deletes nothing and the
// messages come back by their visibility timeout; a throttled one is tried again until then.
//
// Not imitated: the slow growth of concurrency and the drop of pollers after errors (all of MaximumConcurrency polls from
// the start), filters, provisioned pollers, FIFO queues, metrics.
package eventsource

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"backstop/local/lambdahost"
	"backstop/local/sqs"
)

// Queue is where messages come from: a *sqs.Queue.
type Queue interface {
	// Receive waits for at least one message and hides those that it returns; none in time is no error.
	Receive(ctx context.Context, most int, wait time.Duration) ([]sqs.Message, error)
	// Delete is idempotent.
	Delete(ctx context.Context, receipts []string) error
	// Visibility is how long, on the machine's time, received messages stay hidden.
	Visibility() time.Duration
}

// Function is what the batches go to: a *lambdahost.Host. Throttling is lambdahost.ErrThrottled.
type Function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Mapping says how a queue feeds a function.
type Mapping struct {
	Queue           Queue
	Function        Function
	QueueARN        string
	Region          string
	BatchSize       int           // 10 when 0, as Lambda's default
	Window          time.Duration // MaximumBatchingWindowInSeconds, on the machine's time
	Concurrency     int           // MaximumConcurrency; 2, Lambda's least, when 0
	ReportsFailures bool          // FunctionResponseTypes has ReportBatchItemFailures
	Log             *slog.Logger  // told of failed batches, without the messages' contents; nil discards
}

const (
	longPoll      = 20 * time.Second
	pollAgain     = time.Second // after a queue that fails
	firstThrottle = 10 * time.Millisecond
	lastThrottle  = time.Second
)

// Run polls until ctx ends; batches in progress are then finished first. It returns ctx's error.
func (m Mapping) Run(ctx context.Context) error {
	if m.BatchSize == 0 {
		m.BatchSize = 10
	}
	if m.Log == nil {
		m.Log = slog.New(slog.DiscardHandler)
	}
	var pollers sync.WaitGroup
	for range max(m.Concurrency, 2) {
		pollers.Go(func() { m.poll(ctx) })
	}
	pollers.Wait()
	return ctx.Err()
}

// poll gathers and handles one batch after the other.
func (m Mapping) poll(ctx context.Context) {
	for ctx.Err() == nil {
		items, err := m.gather(ctx)
		if err != nil && ctx.Err() == nil {
			m.Log.Error("poll the queue", "queue", m.QueueARN, "error", err)
			pause(ctx, pollAgain)
		}
		for _, batch := range split(items) {
			// What was received is finished even when the stack stops meanwhile.
			if err := m.handle(context.WithoutCancel(ctx), batch); err != nil {
				m.Log.Error("batch failed; its messages come back", "queue", m.QueueARN, "messages", len(batch), "error", err)
			}
		}
	}
}

// gather waits for a first message and then fills the batch until it is full or the window is over.
func (m Mapping) gather(ctx context.Context) ([]item, error) {
	messages, err := m.Queue.Receive(ctx, min(m.BatchSize, maxReceive), longPoll)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	items := m.items(messages)
	end := time.Now().Add(m.Window)
	for len(items) < m.BatchSize && !full(items) {
		left := max(time.Until(end), 0)
		more, err := m.Queue.Receive(ctx, min(m.BatchSize-len(items), maxReceive), left)
		items = append(items, m.items(more)...)
		if err != nil || len(more) == 0 {
			break // an error here is one of the next receive, too
		}
	}
	return items, nil
}

// handle invokes the function with a batch and deletes what it has dealt with.
func (m Mapping) handle(ctx context.Context, batch []item) error {
	answer, err := m.invoke(ctx, event(batch))
	if err != nil {
		return err
	}
	failed := map[string]bool{}
	if m.ReportsFailures {
		if failed, err = failures(answer, batch); err != nil {
			return err
		}
	}
	var receipts []string
	for _, i := range batch {
		if !failed[i.id] {
			receipts = append(receipts, i.receipt)
		}
	}
	return m.Queue.Delete(ctx, receipts)
}

// invoke tries again while the function is throttled, as long as the messages stay hidden.
func (m Mapping) invoke(ctx context.Context, event []byte) ([]byte, error) {
	end := time.Now().Add(m.Queue.Visibility())
	for wait := firstThrottle; ; wait = min(2*wait, lastThrottle) {
		answer, err := m.Function.Invoke(ctx, event)
		if !errors.Is(err, lambdahost.ErrThrottled) || time.Now().Add(wait).After(end) {
			return answer, err
		}
		pause(ctx, wait)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
