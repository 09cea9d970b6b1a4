package sqs_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"backstop/local/sqs"
)

func TestSaveAndRestoreKeepEveryMessageInItsState(t *testing.T) {
	b := newBench(t, sqs.Options{})
	b.queue(t, "dead", nil)
	url := b.queue(t, "q", map[string]string{"RedrivePolicy": redrive("dead", 3)})
	b.send(t, url, "held")
	held := b.receive(t, url)[0]
	b.send(t, url, "waiting")
	if _, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: aws.String("later"), DelaySeconds: 60}); err != nil {
		t.Fatal(err)
	}
	b.time.move(10 * time.Second)
	path := filepath.Join(t.TempDir(), "queues.json")
	if err := b.server.Save(path); err != nil {
		t.Fatal(err)
	}

	c := newBench(t, sqs.Options{})
	if err := c.server.Restore(path); err != nil {
		t.Fatal(err)
	}
	if got, want := c.server.Queue("q").Depth(), (sqs.Depth{Visible: 1, InFlight: 1, Delayed: 1}); got != want {
		t.Fatalf("restored depth = %+v, want %+v", got, want)
	}
	url = aws.String(c.server.URL("q"))
	if got := c.receive(t, url); len(got) != 1 || *got[0].Body != "waiting" {
		t.Errorf("received %+v, want what was visible", got)
	}
	c.time.move(20 * time.Second)
	if got := c.receive(t, url); len(got) != 1 || *got[0].MessageId != *held.MessageId || got[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Errorf("after the rest of the visibility timeout received %+v, want the held message again", got)
	}
	out, err := c.GetQueueAttributes(t.Context(), &sdk.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || out.Attributes["RedrivePolicy"] != redrive("dead", 3) || out.Attributes["ApproximateNumberOfMessagesDelayed"] != "1" {
		t.Errorf("restored attributes = %v, %v", out, err)
	}
}

func TestRestoreOfNothingIsEmptyAndOfRubbishAnError(t *testing.T) {
	s := newBench(t, sqs.Options{}).server
	if err := s.Restore(filepath.Join(t.TempDir(), "none.json")); err != nil {
		t.Errorf("no file: %v", err)
	}
	if err := s.Restore("sqs_test.go"); err == nil || !strings.Contains(err.Error(), "sqs_test.go") {
		t.Errorf("a file of rubbish gave %v, want an error that names it", err)
	}
}

func TestWaitEmpty(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	q := b.server.Queue("q")
	b.send(t, url, "one")
	m := b.receive(t, url)[0]
	emptied := make(chan error)
	go func() { emptied <- q.WaitEmpty(context.WithoutCancel(t.Context())) }()
	b.mustDelete(t, url, m.ReceiptHandle)
	if err := <-emptied; err != nil {
		t.Error(err)
	}
	b.send(t, url, "two")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.WaitEmpty(ended); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "1 visible") {
		t.Errorf("WaitEmpty with an ended context = %v", err)
	}
}
