package events

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/aws/aws-lambda-go/events"

	"backstop/ingest"
)

// Forwarder handles a batch; see ingest.Forwarder.Forward.
type Forwarder interface {
	Forward(ctx context.Context, batch []ingest.Delivery) []ingest.Failure
}

// QueueHandler handles a batch of SQS with partial answers (ReportBatchItemFailures).
type QueueHandler func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// Queue answers which messages must come again. Its own error is always nil: an error would bring back the whole batch.
func Queue(forwarder Forwarder, log *slog.Logger) QueueHandler {
	return func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		failures := forwarder.Forward(ctx, deliveries(event))
		logFailures(ctx, log, len(event.Records), failures)
		again := make([]events.SQSBatchItemFailure, 0, len(failures)) // never nil: as JSON that would be null, not an empty list
		for _, failure := range failures {
			again = append(again, events.SQSBatchItemFailure{ItemIdentifier: failure.MessageID})
		}
		return events.SQSEventResponse{BatchItemFailures: again}, nil
	}
}

func deliveries(event events.SQSEvent) []ingest.Delivery {
	batch := make([]ingest.Delivery, len(event.Records))
	for i, record := range event.Records {
		receives, err := strconv.Atoi(record.Attributes["ApproximateReceiveCount"])
		if err != nil {
			receives = 1
		}
		batch[i] = ingest.Delivery{MessageID: record.MessageId, ReceiveCount: receives, Body: []byte(record.Body)}
	}
	return batch
}

// logFailures writes one line a reason, with its count: a batch of fifty that fails for one reason is one fact.
func logFailures(ctx context.Context, log *slog.Logger, size int, failures []ingest.Failure) {
	var reasons []string
	counts := map[string]int{}
	for _, failure := range failures {
		reason := failure.Reason.Error()
		if counts[reason] == 0 {
			reasons = append(reasons, reason)
		}
		counts[reason]++
	}
	for _, reason := range reasons {
		log.WarnContext(ctx, "messages must come again", "messages", counts[reason], "batch", size, "reason", reason)
	}
}
