package sqs

import (
	"container/list"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Message is what a receive hands out.
type Message struct {
	ID            string
	Receipt       string
	Body          string
	BodyMD5       string
	SentAt        time.Time
	FirstReceived time.Time
	ReceiveCount  int
	DeadFrom      string // ARN of the queue that gave the message up, for one in a dead-letter queue
	Attributes    map[string]Attribute
}

// Attribute is one message attribute, as the wire carries it.
type Attribute struct {
	DataType    string
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
}

// copyOf is one stored copy of a message. A message has one, or two when it is to be delivered twice.
type copyOf struct {
	Message
	key       string // unique in its queue: the id, or another for the second copy
	twice     bool   // the first receive adds a second copy
	delayed   bool   // hidden by a delay, not by a receive
	visibleAt time.Time
	place     *list.Element // in the queue's visible list, nil when hidden
	index     int           // in the queue's heap of hidden ones, -1 when visible
}

// receipt names a queue, a copy and one receive of it.
func receipt(queue string, c *copyOf) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s\n%s\n%d", queue, c.key, c.ReceiveCount))
}

// readReceipt is the reverse of receipt; ok is false for a handle that this queue never gave.
func readReceipt(queue, handle string) (key string, receive int, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(handle)
	if err != nil {
		return "", 0, false
	}
	parts := strings.Split(string(text), "\n")
	if len(parts) != 3 || parts[0] != queue {
		return "", 0, false
	}
	receive, err = strconv.Atoi(parts[2])
	return parts[1], receive, err == nil
}

// byVisibility is a heap of hidden copies, the next visible one first.
type byVisibility []*copyOf

func (h byVisibility) Len() int           { return len(h) }
func (h byVisibility) Less(i, j int) bool { return h[i].visibleAt.Before(h[j].visibleAt) }
func (h byVisibility) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *byVisibility) Push(x any) {
	c := x.(*copyOf)
	c.index = len(*h)
	*h = append(*h, c)
}
func (h *byVisibility) Pop() any {
	old := *h
	c := old[len(old)-1]
	old[len(old)-1] = nil
	c.index = -1
	*h = old[:len(old)-1]
	return c
}
