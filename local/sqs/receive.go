package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"
)

// senderID stands for the account's user in the SenderId attribute.
const senderID = "AIDALOCALSTANDIN"

type receiveInput struct {
	onQueue
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

type receiveOutput struct{ Messages []wireMessage }

type wireMessage struct {
	MessageId              string
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]Attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"`
}

func (s *Server) receiveMessage(ctx context.Context, in receiveInput) (receiveOutput, error) {
	out := receiveOutput{Messages: []wireMessage{}}
	q, most, wait, visibility, err := s.readReceive(in)
	if err != nil {
		return out, err
	}
	messages, err := q.poll(ctx, most, wait, visibility)
	if err != nil {
		return out, err
	}
	names := append(in.AttributeNames, in.MessageSystemAttributeNames...)
	for _, m := range messages {
		out.Messages = append(out.Messages, m.onWire(names, in.MessageAttributeNames))
	}
	return out, nil
}

// readReceive checks a receive and fills in the queue's defaults.
func (s *Server) readReceive(in receiveInput) (q *Queue, most int, wait, visibility time.Duration, err error) {
	most = 1
	err = s.locked(in.QueueUrl, func(found *Queue) error {
		q, wait, visibility = found, found.settings.wait, found.settings.visibility
		if found.depth().InFlight >= maxInFlight {
			return refuse("OverLimit", "OverLimit", "Too many messages in flight.")
		}
		return nil
	})
	if err != nil {
		return nil, 0, 0, 0, err
	}
	if n := in.MaxNumberOfMessages; n != nil {
		if most = *n; most < 1 || most > 10 {
			return nil, 0, 0, 0, invalidValue("Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.", most)
		}
	}
	if n := in.WaitTimeSeconds; n != nil {
		if *n < 0 || *n > 20 {
			return nil, 0, 0, 0, invalidValue("Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.", *n)
		}
		wait = time.Duration(*n) * time.Second
	}
	if n := in.VisibilityTimeout; n != nil {
		if visibility, err = readVisibility(n); err != nil {
			return nil, 0, 0, 0, err
		}
	}
	return q, most, wait, visibility, nil
}

// SystemAttributes returns what SQS itself tells of a message, in its own names and units (milliseconds since 1970).
func (m Message) SystemAttributes() map[string]string {
	out := map[string]string{
		"ApproximateReceiveCount":          strconv.Itoa(m.ReceiveCount),
		"SentTimestamp":                    strconv.FormatInt(m.SentAt.UnixMilli(), 10),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.FirstReceived.UnixMilli(), 10),
		"SenderId":                         senderID,
	}
	if m.DeadFrom != "" {
		out["DeadLetterQueueSourceArn"] = m.DeadFrom
	}
	return out
}

// onWire shows of a message what was asked for.
func (m Message) onWire(system, attributes []string) wireMessage {
	out := wireMessage{MessageId: m.ID, ReceiptHandle: m.Receipt, Body: m.Body, MD5OfBody: m.BodyMD5}
	out.Attributes = asked(m.SystemAttributes(), system)
	out.MessageAttributes = asked(m.Attributes, attributes)
	out.MD5OfMessageAttributes = attributesMD5(out.MessageAttributes)
	return out
}

func asked[V any](all map[string]V, names []string) map[string]V {
	out := maps.Clone(all)
	if !slices.Contains(names, "All") && !slices.Contains(names, ".*") {
		maps.DeleteFunc(out, func(name string, _ V) bool { return !slices.Contains(names, name) })
	}
	return out
}
