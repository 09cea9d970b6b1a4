// Package firehose puts records into Amazon Data Firehose.
package firehose

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
)

// Stream is one delivery stream. It implements ingest.Stream.
type Stream struct {
	client *firehose.Client
	name   string
}

// NewStream makes the stream's client; nothing is sent yet. The SDK repeats nothing: the archiver repeats, and only what was refused.
func NewStream(cfg aws.Config, name string) *Stream {
	once := func(o *firehose.Options) { o.RetryMaxAttempts = 1 }
	return &Stream{client: firehose.NewFromConfig(cfg, once), name: name}
}

// PutRecords sends one call. Firehose answers 200 also when it refuses some of the records; those are listed in refused.
func (s *Stream) PutRecords(ctx context.Context, records [][]byte) (refused []int, err error) {
	input := &firehose.PutRecordBatchInput{DeliveryStreamName: &s.name, Records: make([]types.Record, len(records))}
	for i, record := range records {
		input.Records[i].Data = record
	}
	output, err := s.client.PutRecordBatch(ctx, input)
	if err != nil {
		return nil, fmt.Errorf("put into the stream %s: %w", s.name, err)
	}
	if aws.ToInt32(output.FailedPutCount) == 0 {
		return nil, nil
	}
	if len(output.RequestResponses) != len(records) {
		return nil, fmt.Errorf("put into the stream %s: %d answers for %d records", s.name, len(output.RequestResponses), len(records))
	}
	for i, answer := range output.RequestResponses {
		if aws.ToString(answer.ErrorCode) != "" {
			refused = append(refused, i)
		}
	}
	return refused, nil
}
