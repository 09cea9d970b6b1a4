package sqs

import (
	"context"
	"fmt"
	"time"
)

// Depth counts a queue's messages exactly.
type Depth struct{ Visible, InFlight, Delayed int }

// Empty reports whether nothing is left to be received, now or later.
func (d Depth) Empty() bool { return d == Depth{} }

// Name returns the queue's name.
func (q *Queue) Name() string { return q.name }

// ARN returns the queue's ARN.
func (q *Queue) ARN() string { return q.server.ARN(q.name) }

// Visibility returns the queue's visibility timeout as the machine's time, that is sped up.
func (q *Queue) Visibility() time.Duration {
	q.server.mu.Lock()
	defer q.server.mu.Unlock()
	return q.server.real(q.settings.visibility)
}

// Depth counts the messages.
func (q *Queue) Depth() Depth {
	q.server.mu.Lock()
	defer q.server.mu.Unlock()
	return q.depth()
}

func (q *Queue) depth() Depth {
	q.promote()
	return Depth{Visible: q.visible.Len(), InFlight: len(q.hidden) - q.delayed, Delayed: q.delayed}
}

// Receive waits up to wait, in real time, for at least one visible message and hands out up to most, hidden for the
// queue's visibility timeout. Nothing in time is no error.
func (q *Queue) Receive(ctx context.Context, most int, wait time.Duration) ([]Message, error) {
	q.server.mu.Lock()
	visibility := q.settings.visibility
	q.server.mu.Unlock()
	return q.poll(ctx, most, wait, visibility)
}

func (q *Queue) poll(ctx context.Context, most int, wait, visibility time.Duration) ([]Message, error) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for last := wait <= 0; ; {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("receive from %s: %w", q.name, err)
		}
		q.server.mu.Lock()
		taken := q.take(most, visibility)
		wake, next := q.wake, q.untilNext()
		q.server.mu.Unlock()
		if len(taken) > 0 || last {
			return taken, nil
		}
		visible := time.NewTimer(next)
		select {
		case <-wake:
		case <-visible.C:
		case <-timeout.C:
			last = true
		case <-ctx.Done():
		}
		visible.Stop()
	}
}

// untilNext is the machine's time until a hidden message shows.
func (q *Queue) untilNext() time.Duration {
	if len(q.hidden) == 0 {
		return time.Hour
	}
	return q.server.real(q.hidden[0].visibleAt.Sub(q.server.now()))
}

// Delete deletes by receipt handles. It is idempotent; an older handle, or one of a message that is gone, does nothing.
func (q *Queue) Delete(_ context.Context, receipts []string) error {
	q.server.mu.Lock()
	defer q.server.mu.Unlock()
	for _, handle := range receipts {
		if err := q.delete(handle); err != nil {
			return fmt.Errorf("delete from %s: %w", q.name, err)
		}
	}
	return nil
}

func (q *Queue) delete(handle string) error {
	c, ok := q.find(handle)
	if !ok {
		return refuse("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	if c != nil && !q.server.faults.forgets() {
		q.forget(c)
	}
	return nil
}

// WaitEmpty waits until the queue holds no message at all, visible, in flight or delayed.
func (q *Queue) WaitEmpty(ctx context.Context) error {
	for {
		q.server.mu.Lock()
		empty, wake := len(q.copies) == 0, q.wake
		depth := q.depth()
		q.server.mu.Unlock()
		if empty {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s to empty (%d visible, %d in flight, %d delayed): %w",
				q.name, depth.Visible, depth.InFlight, depth.Delayed, ctx.Err())
		}
	}
}

// Send stores a message without the wire, held to the same limits and faults.
func (q *Queue) Send(_ context.Context, body string) error {
	q.server.mu.Lock()
	defer q.server.mu.Unlock()
	if _, err := q.accept(sendEntry{MessageBody: &body}); err != nil {
		return fmt.Errorf("send to %s: %w", q.name, err)
	}
	return nil
}
