package sqs

import (
	"context"
	"time"
)

// receiptEntry is one received message to delete or to hide longer, alone or in a batch.
type receiptEntry struct {
	Id                string
	ReceiptHandle     string
	VisibilityTimeout *int
}

type receiptInput struct {
	onQueue
	receiptEntry
}

type receiptBatchInput struct {
	onQueue
	Entries []receiptEntry
}

type done struct{ Id string }

func (s *Server) deleteMessage(_ context.Context, in receiptInput) (empty, error) {
	return empty{}, s.locked(in.QueueUrl, func(q *Queue) error { return q.delete(in.ReceiptHandle) })
}

func (s *Server) deleteMessageBatch(_ context.Context, in receiptBatchInput) (*batchOutput[done], error) {
	return s.eachReceipt(in, func(q *Queue, e receiptEntry) error { return q.delete(e.ReceiptHandle) })
}

func (s *Server) changeVisibility(_ context.Context, in receiptInput) (empty, error) {
	return empty{}, s.locked(in.QueueUrl, func(q *Queue) error { return q.change(in.receiptEntry) })
}

func (s *Server) changeVisibilityBatch(_ context.Context, in receiptBatchInput) (*batchOutput[done], error) {
	return s.eachReceipt(in, (*Queue).change)
}

func (s *Server) eachReceipt(in receiptBatchInput, do func(*Queue, receiptEntry) error) (*batchOutput[done], error) {
	out := newBatchOutput[done]()
	return out, s.locked(in.QueueUrl, func(q *Queue) error {
		return runBatch(in.Entries, func(e receiptEntry) string { return e.Id }, out, func(e receiptEntry) (done, error) {
			return done{e.Id}, do(q, e)
		})
	})
}

// change hides a message in flight for another while from now; zero shows it at once.
func (q *Queue) change(e receiptEntry) error {
	visibility, err := readVisibility(e.VisibilityTimeout)
	if err != nil {
		return err
	}
	c, ok := q.find(e.ReceiptHandle)
	if !ok {
		return refuse("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	q.promote()
	if c == nil || c.place != nil {
		return notInFlight()
	}
	q.unhide(c)
	q.hide(c, visibility)
	q.signal()
	return nil
}

func readVisibility(seconds *int) (time.Duration, error) {
	if seconds == nil {
		return 0, missing("VisibilityTimeout")
	}
	if limit := numeric["VisibilityTimeout"]; *seconds < limit.least || *seconds > limit.most {
		return 0, invalidValue("Value %d for parameter VisibilityTimeout is invalid. Reason: Must be between %d and %d.", *seconds, limit.least, limit.most)
	}
	return time.Duration(*seconds) * time.Second, nil
}
