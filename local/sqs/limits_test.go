package sqs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"backstop/local/sqs"
)

func TestRefusals(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", map[string]string{"MaximumMessageSize": "1024"})
	big := b.queue(t, "big", nil)
	send := func(url *string, body string, delay int32) error {
		_, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: &body, DelaySeconds: delay})
		return err
	}
	batch := func(url *string, bodies ...string) error {
		entries := []types.SendMessageBatchRequestEntry{}
		for i, body := range bodies {
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &body})
		}
		_, err := b.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{QueueUrl: url, Entries: entries})
		return err
	}
	twice := []types.SendMessageBatchRequestEntry{{Id: aws.String("a"), MessageBody: aws.String("x")}, {Id: aws.String("a"), MessageBody: aws.String("y")}}
	_, notDistinct := b.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{QueueUrl: url, Entries: twice})
	_, badReceipt := b.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("x")})
	_, otherQueue := b.GetQueueUrl(t.Context(), &sdk.GetQueueUrlInput{QueueName: aws.String("none")})
	_, exists := b.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{"VisibilityTimeout": "7"}})
	_, fifo := b.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: aws.String("q.fifo")})
	_, attribute := b.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: aws.String("z"), Attributes: map[string]string{"Colour": "red"}})
	_, value := b.SetQueueAttributes(t.Context(), &sdk.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"VisibilityTimeout": "43201"}})
	_, tags := b.TagQueue(t.Context(), &sdk.TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "b"}})

	tests := []struct {
		name string
		err  error
		code string // as users of the SDK see it
	}{
		{"message over the queue's size", send(url, strings.Repeat("x", 1025), 0), "InvalidParameterValue"},
		{"message over 1 MiB", send(big, strings.Repeat("x", 1<<20+1), 0), "InvalidParameterValue"},
		{"empty message", send(url, "", 0), "InvalidParameterValue"},
		{"character outside XML", send(url, "a\x01b", 0), "InvalidMessageContents"},
		{"delay over 900 s", send(url, "a", 901), "InvalidParameterValue"},
		{"empty batch", batch(url), "AWS.SimpleQueueService.EmptyBatchRequest"},
		{"eleven entries", batch(url, strings.Split("abcdefghijk", "")...), "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
		{"batch over 1 MiB", batch(big, strings.Repeat("x", 1<<19), strings.Repeat("x", 1<<19+1)), "AWS.SimpleQueueService.BatchRequestTooLong"},
		{"ids not distinct", notDistinct, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
		{"receipt handle of nobody", badReceipt, "ReceiptHandleIsInvalid"},
		{"no such queue", otherQueue, "AWS.SimpleQueueService.NonExistentQueue"},
		{"queue exists otherwise", exists, "QueueAlreadyExists"},
		{"FIFO", fifo, "InvalidParameterValue"},
		{"unknown attribute", attribute, "InvalidAttributeName"},
		{"attribute out of range", value, "InvalidAttributeValue"},
		{"operation not imitated", tags, "UnknownOperationException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var api smithy.APIError
			if !errors.As(test.err, &api) || api.ErrorCode() != test.code {
				t.Errorf("error = %v, want code %s", test.err, test.code)
			}
		})
	}
	var typed *types.QueueDoesNotExist
	if !errors.As(otherQueue, &typed) {
		t.Errorf("%v is not the SDK's QueueDoesNotExist", otherQueue)
	}
	if depth := b.server.Queue("q").Depth(); !depth.Empty() {
		t.Errorf("refused messages were stored: %+v", depth)
	}
}

func TestBatchEntriesFailOneByOne(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	out, err := b.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("good"), MessageBody: aws.String("x")}, {Id: aws.String("bad"), MessageBody: aws.String("\x00")}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Successful) != 1 || len(out.Failed) != 1 || *out.Failed[0].Id != "bad" || !out.Failed[0].SenderFault {
		t.Errorf("batch = %+v", out)
	}
}

func TestMessageAttributesComeBackWithTheirDigest(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	attributes := map[string]types.MessageAttributeValue{
		"kind": {DataType: aws.String("String"), StringValue: aws.String("install")},
		"raw":  {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2}}}
	out, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), MessageAttributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	got := b.receive(t, url)[0]
	if *got.MessageAttributes["kind"].StringValue != "install" || string(got.MessageAttributes["raw"].BinaryValue) != "\x01\x02" {
		t.Errorf("attributes = %+v", got.MessageAttributes)
	}
	if *out.MD5OfMessageAttributes != *got.MD5OfMessageAttributes {
		t.Errorf("MD5 sent %s, received %s", *out.MD5OfMessageAttributes, *got.MD5OfMessageAttributes)
	}
}

func TestDigestOfAttributesIsTheServices(t *testing.T) {
	b := newBench(t, sqs.Options{})
	out, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: b.queue(t, "q", nil), MessageBody: aws.String("x"),
		MessageAttributes: map[string]types.MessageAttributeValue{"timestamp": {DataType: aws.String("Number"), StringValue: aws.String("1493147359900")}}})
	const want = "235c5c510d26fb653d073faed50ae77c" // what SQS answers for this attribute
	if err != nil || *out.MD5OfMessageAttributes != want {
		t.Errorf("MD5OfMessageAttributes = %v, %v, want %s", out.MD5OfMessageAttributes, err, want)
	}
}
