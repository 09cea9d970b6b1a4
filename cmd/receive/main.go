// Command receive is the Lambda function behind the HTTP front: it stores every postback in the queue before it answers.
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
	receiver, err := newReceiver(context.Background())
	if err != nil {
		log.Error("receive does not start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(events.HTTP(receiver, log))
}
