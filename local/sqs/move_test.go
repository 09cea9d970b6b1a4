package sqs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"backstop/local/sqs"
)

func TestMoveTaskBringsDeadLettersBackAsNewMessages(t *testing.T) {
	b := newBench(t, sqs.Options{})
	dead := b.queue(t, "dead", nil)
	url := b.queue(t, "q", map[string]string{"RedrivePolicy": redrive("dead", 1), "VisibilityTimeout": "1"})
	id := b.send(t, url, "bad")
	b.receive(t, url)
	b.time.move(time.Second)
	b.receive(t, url)

	arn := aws.String(b.server.ARN("dead"))
	if _, err := b.StartMessageMoveTask(t.Context(), &sdk.StartMessageMoveTaskInput{SourceArn: arn}); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Queue("dead").WaitEmpty(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := b.receive(t, url)
	if len(got) != 1 || *got[0].Body != "bad" || *got[0].MessageId == id || got[0].Attributes["ApproximateReceiveCount"] != "1" {
		t.Errorf("after the move received %+v, want the message as a new one", got)
	}
	b.server.Close()
	tasks, err := b.ListMessageMoveTasks(t.Context(), &sdk.ListMessageMoveTasksInput{SourceArn: arn})
	if err != nil || len(tasks.Results) != 1 || tasks.Results[0].ApproximateNumberOfMessagesMoved != 1 {
		t.Errorf("tasks = %+v, %v; want one that moved one message", tasks, err)
	}
	_ = dead
}

func TestMoveTaskIsCancelledAndOnlyOneRuns(t *testing.T) {
	b := newBench(t, sqs.Options{})
	dead := b.queue(t, "dead", nil)
	b.queue(t, "q", map[string]string{"RedrivePolicy": redrive("dead", 1)})
	for range 100 {
		b.send(t, dead, "straight into the dead-letter queue")
	}
	start := &sdk.StartMessageMoveTaskInput{SourceArn: aws.String(b.server.ARN("dead")), DestinationArn: aws.String(b.server.ARN("q")), MaxNumberOfMessagesPerSecond: aws.Int32(1)}
	task, err := b.StartMessageMoveTask(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	var api smithy.APIError
	if _, err := b.StartMessageMoveTask(t.Context(), start); !errors.As(err, &api) {
		t.Errorf("a second task on the same source: %v, want a refusal", err)
	}
	out, err := b.CancelMessageMoveTask(t.Context(), &sdk.CancelMessageMoveTaskInput{TaskHandle: task.TaskHandle})
	if err != nil || out.ApproximateNumberOfMessagesMoved >= 100 {
		t.Errorf("cancel = %+v, %v", out, err)
	}
	b.server.Close()
	if moved, left := b.server.Queue("q").Depth().Visible, b.server.Queue("dead").Depth().Visible; moved+left != 100 {
		t.Errorf("%d moved and %d left of 100", moved, left)
	}
}

func TestOnlyADeadLetterQueueIsASource(t *testing.T) {
	b := newBench(t, sqs.Options{})
	b.queue(t, "q", nil)
	var api smithy.APIError
	_, err := b.StartMessageMoveTask(t.Context(), &sdk.StartMessageMoveTaskInput{SourceArn: aws.String(b.server.ARN("q"))})
	if !errors.As(err, &api) || api.ErrorCode() != "InvalidParameterValue" {
		t.Errorf("error = %v, want InvalidParameterValue", err)
	}
}
