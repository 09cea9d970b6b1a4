package ingest_test

import (
	"bytes"
	"context"
)

// memoryQueue keeps what was sent.
type memoryQueue struct {
	messages [][]byte
	err      error
}

func (q *memoryQueue) Send(_ context.Context, message []byte) error {
	if q.err != nil {
		return q.err
	}
	q.messages = append(q.messages, bytes.Clone(message))
	return nil
}

// memoryArchive keeps every line.
type memoryArchive struct{ lines [][]byte }

func (a *memoryArchive) Archive(_ context.Context, lines [][]byte) []error {
	a.lines = append(a.lines, lines...)
	return nil
}
