package sqs_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"backstop/local/sqs"
)

func TestDuplicateDeliversTheSameMessageTwice(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	b.server.SetFaults(sqs.Faults{DuplicateEvery: 1})
	id := b.send(t, url, "one")
	for n := range 2 {
		got := b.receive(t, url)
		if len(got) != 1 || *got[0].MessageId != id || got[0].Attributes["ApproximateReceiveCount"] != fmt.Sprint(n+1) {
			t.Fatalf("delivery %d = %+v, want message %s", n+1, got, id)
		}
		b.mustDelete(t, url, got[0].ReceiptHandle)
	}
	if depth := b.server.Queue("q").Depth(); !depth.Empty() {
		t.Errorf("after both deletes: %+v", depth)
	}
}

func TestRefusedSendIsRetriedByTheSDKAndStoredByNobody(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	b.server.SetFaults(sqs.Faults{RefuseEvery: 1})
	_, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x")},
		func(o *sdk.Options) { o.RetryMaxAttempts = 2 })
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() != http.StatusServiceUnavailable {
		t.Fatalf("refused send = %v, want 503", err)
	}
	out, err := b.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{QueueUrl: url,
		Entries: []types.SendMessageBatchRequestEntry{{Id: aws.String("a"), MessageBody: aws.String("x")}}})
	if err != nil || len(out.Failed) != 1 || out.Failed[0].SenderFault {
		t.Errorf("refused batch = %+v, %v; want one failed entry, not the sender's fault", out, err)
	}
	if depth := b.server.Queue("q").Depth(); !depth.Empty() {
		t.Errorf("refused sends were stored: %+v", depth)
	}
}

func TestForgottenDeleteIsAnsweredAndTheMessageStays(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	b.server.SetFaults(sqs.Faults{ForgetEvery: 1})
	b.send(t, url, "one")
	b.mustDelete(t, url, b.receive(t, url)[0].ReceiptHandle)
	if depth := b.server.Queue("q").Depth(); depth.InFlight != 1 {
		t.Errorf("after a forgotten delete: %+v", depth)
	}
}

func TestFaultsAreTheSameForTheSameSeed(t *testing.T) {
	refused := func(seed int64) string {
		b := newBench(t, sqs.Options{})
		url := b.queue(t, "q", nil)
		b.server.SetFaults(sqs.Faults{Seed: seed, RefuseEvery: 3})
		marks := ""
		for range 30 {
			_, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x")}, func(o *sdk.Options) { o.RetryMaxAttempts = 1 })
			marks += map[bool]string{true: ".", false: "x"}[err == nil]
		}
		return marks
	}
	if a, b := refused(7), refused(7); a != b {
		t.Errorf("seed 7 refused %s, then %s", a, b)
	}
	if a, b := refused(7), refused(8); a == b {
		t.Errorf("seeds 7 and 8 both refused %s", a)
	}
}
