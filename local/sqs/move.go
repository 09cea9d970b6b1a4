package sqs

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// moveTask moves messages out of a dead-letter queue. Its fields are guarded by the server's lock.
type moveTask struct {
	handle      string
	source      *Queue
	destination string // ARN, "" for "back to where each came from"
	perSecond   int    // 0: as fast as it goes
	status      string // RUNNING, COMPLETED, CANCELLED or FAILED
	reason      string // why it FAILED
	moved       int
	toMove      int
	started     time.Time
}

// maxPerSecond is the service's limit for a move task.
const maxPerSecond = 500

type startMoveInput struct {
	SourceArn                    string
	DestinationArn               string
	MaxNumberOfMessagesPerSecond int
}

type moveHandle struct{ TaskHandle string }

// startMove starts to move what is visible now; the task ends by itself.
func (s *Server) startMove(_ context.Context, in startMoveInput) (moveHandle, error) {
	var out moveHandle
	err := s.locked(in.SourceArn, func(source *Queue) error {
		if in.MaxNumberOfMessagesPerSecond < 0 || in.MaxNumberOfMessagesPerSecond > maxPerSecond {
			return invalidValue("Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and %d.", maxPerSecond)
		}
		if len(s.urls(func(q *Queue) bool { return q.settings.deadLetters == source.name })) == 0 {
			return invalidValue("Source queue must be configured as a Dead Letter Queue.")
		}
		if in.DestinationArn != "" {
			if _, err := s.find(in.DestinationArn); err != nil {
				return refuse("ResourceNotFoundException", "ResourceNotFoundException", "The resource that you specified for the DestinationArn parameter doesn't exist.")
			}
		}
		if slices.ContainsFunc(s.tasks, func(t *moveTask) bool { return t.source == source && t.status == "RUNNING" }) {
			return invalidValue("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
		}
		t := &moveTask{handle: uuid.NewString(), source: source, destination: in.DestinationArn, perSecond: in.MaxNumberOfMessagesPerSecond,
			status: "RUNNING", toMove: source.depth().Visible, started: s.options.Clock.Now()}
		s.tasks = append(s.tasks, t)
		out.TaskHandle = t.handle
		s.moves.Go(func() { s.run(t) })
		return nil
	})
	return out, err
}

func (s *Server) run(t *moveTask) {
	for s.moveOne(t) {
		if t.perSecond > 0 {
			time.Sleep(s.real(time.Second / time.Duration(t.perSecond)))
		}
	}
}

// moveOne moves one message and reports whether the task goes on.
func (s *Server) moveOne(t *moveTask) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.source.promote()
	front := t.source.visible.Front()
	switch {
	case t.status != "RUNNING":
		return false
	case front == nil || t.moved >= t.toMove:
		t.status = "COMPLETED"
		return false
	}
	c := front.Value.(*copyOf)
	address := t.destination
	if address == "" {
		address = c.DeadFrom
	}
	to := s.queues[nameOf(address)]
	if to == nil {
		t.status, t.reason = "FAILED", "CouldNotDetermineMessageSource"
		return false
	}
	t.source.forget(c)
	// A moved message is a new one: the service gives it a new id and a new time of sending.
	to.add(Message{ID: uuid.NewString(), Body: c.Body, BodyMD5: c.BodyMD5, Attributes: c.Attributes, SentAt: s.options.Clock.Now()}, 0, false)
	t.moved++
	return true
}

// Close cancels the move tasks and waits for them. Calls that come later are still answered.
func (s *Server) Close() {
	s.mu.Lock()
	for _, t := range s.tasks {
		if t.status == "RUNNING" {
			t.status = "CANCELLED"
		}
	}
	s.mu.Unlock()
	s.moves.Wait()
}

type cancelledMove struct{ ApproximateNumberOfMessagesMoved int }

func (s *Server) cancelMove(_ context.Context, in moveHandle) (cancelledMove, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tasks {
		if t.handle == in.TaskHandle && t.status == "RUNNING" {
			t.status = "CANCELLED"
			return cancelledMove{t.moved}, nil
		}
	}
	return cancelledMove{}, refuse("ResourceNotFoundException", "ResourceNotFoundException", "Task does not exist or is not running.")
}

type listMovesInput struct {
	SourceArn  string
	MaxResults int
}

type listMovesOutput struct{ Results []moveResult }

type moveResult struct {
	TaskHandle                        string `json:",omitempty"`
	Status                            string
	SourceArn                         string
	DestinationArn                    string `json:",omitempty"`
	MaxNumberOfMessagesPerSecond      int    `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int64
}

// listMoves shows the newest tasks of a source first: one, or as many as asked for, at most ten.
func (s *Server) listMoves(_ context.Context, in listMovesInput) (listMovesOutput, error) {
	out := listMovesOutput{Results: []moveResult{}}
	most := max(1, min(in.MaxResults, 10))
	err := s.locked(in.SourceArn, func(source *Queue) error {
		for _, t := range slices.Backward(s.tasks) {
			if t.source == source && len(out.Results) < most {
				out.Results = append(out.Results, t.result())
			}
		}
		return nil
	})
	return out, err
}

func (t *moveTask) result() moveResult {
	r := moveResult{Status: t.status, SourceArn: t.source.ARN(), DestinationArn: t.destination, MaxNumberOfMessagesPerSecond: t.perSecond,
		ApproximateNumberOfMessagesMoved: t.moved, ApproximateNumberOfMessagesToMove: t.toMove, FailureReason: t.reason, StartedTimestamp: t.started.UnixMilli()}
	if t.status == "RUNNING" { // the service gives the handle of running tasks only
		r.TaskHandle = t.handle
	}
	return r
}
