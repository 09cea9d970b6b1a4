// Command forward is the Lambda function behind the queue: it archives each batch of postbacks, forwards them, and records what became of each.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"backstop/ingest/events"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	forwarder, err := newForwarder(context.Background())
	if err != nil {
		log.Error("forward does not start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(events.Queue(forwarder, log))
}
