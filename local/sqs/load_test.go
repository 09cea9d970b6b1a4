package sqs_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"backstop/local/sqs"
)

// An answer that comes too early makes the SDK repeat calls in silence: more is then stored than was sent, and messages
// are hidden that nobody has received.
func TestNoCallIsRepeatedUnderLoad(t *testing.T) {
	const workers, each = 8, 200
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	ctx := context.WithoutCancel(t.Context())
	var senders sync.WaitGroup
	for w := range workers {
		senders.Go(func() {
			for n := range each {
				if _, err := b.SendMessage(ctx, &sdk.SendMessageInput{QueueUrl: url, MessageBody: aws.String(fmt.Sprint(w, " ", n))}); err != nil {
					t.Errorf("send: %v", err)
				}
			}
		})
	}
	senders.Wait()
	if got, want := b.server.Queue("q").Depth(), (sqs.Depth{Visible: workers * each}); got != want {
		t.Fatalf("after %d sends: %+v", workers*each, got)
	}
	received := make(chan string, workers*each)
	var receivers sync.WaitGroup
	for range workers {
		receivers.Go(func() {
			for {
				out, err := b.ReceiveMessage(ctx, &sdk.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10})
				if err != nil || len(out.Messages) == 0 {
					return // an error leaves messages behind, which the count shows
				}
				deleteAll(ctx, t, b, url, out.Messages)
				for _, m := range out.Messages {
					received <- *m.Body
				}
			}
		})
	}
	receivers.Wait()
	close(received)
	seen := map[string]bool{}
	for body := range received {
		seen[body] = true
	}
	if depth := b.server.Queue("q").Depth(); len(seen) != workers*each || !depth.Empty() {
		t.Errorf("received %d of %d messages, left %+v", len(seen), workers*each, depth)
	}
}

func deleteAll(ctx context.Context, t *testing.T, b *bench, url *string, messages []types.Message) {
	in := &sdk.DeleteMessageBatchInput{QueueUrl: url}
	for n, m := range messages {
		in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(n)), ReceiptHandle: m.ReceiptHandle})
	}
	if out, err := b.DeleteMessageBatch(ctx, in); err != nil || len(out.Failed) > 0 {
		t.Errorf("delete: %v, %+v", err, out)
	}
}
