package eventsource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-lambda-go/events"

	"backstop/local/sqs"
)

const (
	maxReceive = 10 // messages in one receive
	maxPayload = 6 << 20
	frame      = len(`{"Records":[]}`)
)

// item is a received message with its record of the event.
type item struct {
	id      string
	receipt string
	record  []byte // JSON
}

func (m Mapping) items(messages []sqs.Message) []item {
	var out []item
	for _, message := range messages {
		record, _ := json.Marshal(events.SQSMessage{ // texts always marshal
			MessageId: message.ID, ReceiptHandle: message.Receipt, Body: message.Body, Md5OfBody: message.BodyMD5,
			Attributes: message.SystemAttributes(), MessageAttributes: attributes(message.Attributes),
			EventSource: "aws:sqs", EventSourceARN: m.QueueARN, AWSRegion: m.Region,
		})
		out = append(out, item{message.ID, message.Receipt, record})
	}
	return out
}

func attributes(all map[string]sqs.Attribute) map[string]events.SQSMessageAttribute {
	out := map[string]events.SQSMessageAttribute{}
	for name, a := range all {
		out[name] = events.SQSMessageAttribute{StringValue: a.StringValue, BinaryValue: a.BinaryValue,
			StringListValues: []string{}, BinaryListValues: [][]byte{}, DataType: a.DataType}
	}
	return out
}

// event is the JSON that the function gets.
func event(batch []item) []byte {
	var records [][]byte
	for _, i := range batch {
		records = append(records, i.record)
	}
	return slices.Concat([]byte(`{"Records":[`), bytes.Join(records, []byte(",")), []byte(`]}`))
}

// split cuts items into batches whose events stay below Lambda's limit.
func split(items []item) [][]item {
	var out [][]item
	weight := 0
	for _, i := range items {
		if weight += len(i.record) + 1; len(out) == 0 || weight > maxPayload {
			weight = frame + len(i.record)
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], i)
	}
	return out
}

// full reports whether the items' event has reached Lambda's limit.
func full(items []item) bool {
	weight := frame
	for _, i := range items {
		weight += len(i.record) + 1
	}
	return weight >= maxPayload
}

// failures reads which messages of a batch the function reports as failed. An error means that the whole batch is.
func failures(answer []byte, batch []item) (map[string]bool, error) {
	var response *struct {
		BatchItemFailures []struct {
			ItemIdentifier *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &response); err != nil {
			return nil, fmt.Errorf("read the function's answer: %w", err)
		}
	}
	failed := map[string]bool{}
	if response == nil {
		return failed, nil
	}
	known := map[string]bool{}
	for _, i := range batch {
		known[i.id] = true
	}
	for _, f := range response.BatchItemFailures {
		if f.ItemIdentifier == nil || !known[*f.ItemIdentifier] {
			return nil, errors.New("the function reports a message as failed that is not in the batch")
		}
		failed[*f.ItemIdentifier] = true
	}
	return failed, nil
}
