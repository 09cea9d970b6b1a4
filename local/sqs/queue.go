package sqs

import (
	"container/heap"
	"container/list"
	"time"
)

// Queue is one standard queue. The server's lock guards all queues, so that a message is always in exactly one.
// Sending, receiving and deleting cost O(log n) of the hidden messages at any length.
type Queue struct {
	server     *Server
	name       string
	attributes map[string]string
	settings   settings
	created    time.Time
	changed    time.Time

	copies  map[string]*copyOf // every stored copy by its key
	visible *list.List         // of *copyOf, in the order in which they became visible
	hidden  byVisibility       // in flight or delayed
	delayed int                // how many of the hidden are delayed
	wake    chan struct{}      // closed when a message may have become visible or the queue empty
}

// maxInFlight is SQS's limit for standard queues.
const maxInFlight = 120_000

func newQueue(s *Server, name string) *Queue {
	now := s.options.Clock.Now()
	return &Queue{server: s, name: name, created: now, changed: now, attributes: map[string]string{},
		copies: map[string]*copyOf{}, visible: list.New(), wake: make(chan struct{})}
}

// configure lays attributes over those the queue has.
func (q *Queue) configure(attributes map[string]string) error {
	merged := map[string]string{}
	for _, from := range []map[string]string{q.attributes, attributes} {
		for name, value := range from {
			merged[name] = value
		}
	}
	read, err := readSettings(merged)
	if err != nil {
		return err
	}
	q.attributes, q.settings, q.changed = merged, read, q.server.options.Clock.Now()
	return nil
}

// signal wakes everyone who waits for the queue.
func (q *Queue) signal() {
	close(q.wake)
	q.wake = make(chan struct{})
}

// add stores a new copy, hidden for the delay.
func (q *Queue) add(m Message, delay time.Duration, twice bool) {
	c := &copyOf{Message: m, key: q.server.nextKey(), twice: twice, index: -1}
	q.copies[c.key] = c
	if delay > 0 {
		c.delayed = true
		q.delayed++
		q.hide(c, delay)
	} else {
		c.place = q.visible.PushBack(c)
	}
	q.signal()
}

func (q *Queue) hide(c *copyOf, d time.Duration) {
	c.visibleAt = q.server.now().Add(d)
	heap.Push(&q.hidden, c)
}

// unhide takes a copy out of the hidden ones.
func (q *Queue) unhide(c *copyOf) {
	heap.Remove(&q.hidden, c.index)
	if c.delayed {
		c.delayed = false
		q.delayed--
	}
}

// promote makes those visible whose time has come.
func (q *Queue) promote() {
	now := q.server.now()
	for len(q.hidden) > 0 && !q.hidden[0].visibleAt.After(now) {
		c := q.hidden[0]
		q.unhide(c)
		c.place = q.visible.PushBack(c)
	}
}

// forget removes a copy for good.
func (q *Queue) forget(c *copyOf) {
	delete(q.copies, c.key)
	if c.place != nil {
		q.visible.Remove(c.place)
	} else {
		q.unhide(c)
	}
	if len(q.copies) == 0 {
		q.signal()
	}
}

// take hands out up to most visible messages and hides them. Those past retention are dropped, those received too often
// go to the dead-letter queue.
func (q *Queue) take(most int, visibility time.Duration) []Message {
	q.promote()
	var taken []Message
	var again []Message
	for len(taken) < most && q.visible.Len() > 0 && len(q.hidden)-q.delayed < maxInFlight {
		c := q.visible.Front().Value.(*copyOf)
		if q.expired(c) || q.giveUp(c) {
			q.forget(c)
			continue
		}
		q.visible.Remove(c.place)
		c.place = nil
		q.receive(c, visibility)
		taken = append(taken, c.Message)
		if c.twice {
			c.twice = false
			again = append(again, c.Message)
		}
	}
	for _, m := range again {
		q.add(m, 0, false)
	}
	return taken
}

func (q *Queue) receive(c *copyOf, visibility time.Duration) {
	c.ReceiveCount++
	if c.FirstReceived.IsZero() {
		c.FirstReceived = q.server.options.Clock.Now()
	}
	c.Receipt = receipt(q.name, c)
	q.hide(c, visibility)
}

func (q *Queue) expired(c *copyOf) bool {
	return q.server.options.Clock.Now().Sub(c.SentAt) > q.settings.retention
}

// giveUp moves a message that was received too often to the dead-letter queue, where it counts its receives anew but keeps
// its id and the time it was sent. It reports whether the message has left this queue.
func (q *Queue) giveUp(c *copyOf) bool {
	to := q.server.queues[q.settings.deadLetters]
	if to == nil || c.ReceiveCount < q.settings.maxReceives {
		return false
	}
	m := c.Message
	m.DeadFrom, m.ReceiveCount, m.FirstReceived, m.Receipt = q.server.ARN(q.name), 0, time.Time{}, ""
	to.add(m, 0, false)
	return true
}

// find returns the copy that a receipt handle speaks of: nil with ok when it is gone or was received again since.
func (q *Queue) find(handle string) (c *copyOf, ok bool) {
	key, receive, ok := readReceipt(q.name, handle)
	if !ok {
		return nil, false
	}
	if c = q.copies[key]; c == nil || c.ReceiveCount != receive {
		return nil, true
	}
	return c, true
}
