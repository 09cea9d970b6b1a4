package sqs

import (
	"context"

	"backstop/local/awsjson"
)

// empty is the answer of operations that return nothing.
type empty struct{}

// onQueue is the part of a call that names its queue.
type onQueue struct{ QueueUrl string }

func (s *Server) operations() map[string]awsjson.Operation {
	return map[string]awsjson.Operation{
		"CreateQueue":                  awsjson.On(s.createQueue),
		"GetQueueUrl":                  awsjson.On(s.getQueueURL),
		"ListQueues":                   awsjson.On(s.listQueues),
		"ListDeadLetterSourceQueues":   awsjson.On(s.listDeadLetterSources),
		"GetQueueAttributes":           awsjson.On(s.getQueueAttributes),
		"SetQueueAttributes":           awsjson.On(s.setQueueAttributes),
		"PurgeQueue":                   awsjson.On(s.purgeQueue),
		"SendMessage":                  awsjson.On(s.sendMessage),
		"SendMessageBatch":             awsjson.On(s.sendMessageBatch),
		"ReceiveMessage":               awsjson.On(s.receiveMessage),
		"DeleteMessage":                awsjson.On(s.deleteMessage),
		"DeleteMessageBatch":           awsjson.On(s.deleteMessageBatch),
		"ChangeMessageVisibility":      awsjson.On(s.changeVisibility),
		"ChangeMessageVisibilityBatch": awsjson.On(s.changeVisibilityBatch),
		"StartMessageMoveTask":         awsjson.On(s.startMove),
		"ListMessageMoveTasks":         awsjson.On(s.listMoves),
		"CancelMessageMoveTask":        awsjson.On(s.cancelMove),
	}
}

// find returns the queue of a URL; the caller holds s.mu.
func (s *Server) find(url string) (*Queue, error) {
	if q := s.queues[nameOf(url)]; q != nil {
		return q, nil
	}
	return nil, noSuchQueue()
}

// locked runs f on the queue of a URL under the server's lock.
func (s *Server) locked(url string, f func(*Queue) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(url)
	if err != nil {
		return err
	}
	return f(q)
}

func (s *Server) purgeQueue(_ context.Context, in onQueue) (empty, error) {
	return empty{}, s.locked(in.QueueUrl, func(q *Queue) error {
		for _, c := range q.copies {
			q.forget(c)
		}
		return nil
	})
}
