// Package sqs sends to Amazon SQS.
package sqs

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Queue is one queue. It implements ingest.Queue.
type Queue struct {
	client *sqs.Client
	url    string
}

// NewQueue makes the queue's client; nothing is sent yet.
func NewQueue(cfg aws.Config, url string) *Queue {
	return &Queue{client: sqs.NewFromConfig(cfg), url: url}
}

// Send returns once SQS has the message. What SQS refuses for the moment is repeated by the SDK, with jitter, while ctx lasts.
func (q *Queue) Send(ctx context.Context, message []byte) error {
	_, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String(string(message))})
	if err != nil {
		return fmt.Errorf("send a message of %d bytes to SQS: %w", len(message), err)
	}
	return nil
}
