package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"backstop/ingest"
	"backstop/ingest/route"
	"backstop/ingest/sqs"
)

// newReceiver reads BACKSTOP_QUEUE_URL, the postbacks queue, and BACKSTOP_ROUTES, the routes file (routes.yaml beside the bootstrap).
func newReceiver(ctx context.Context) (*ingest.Receiver, error) {
	queue := os.Getenv("BACKSTOP_QUEUE_URL")
	if queue == "" {
		return nil, errors.New("BACKSTOP_QUEUE_URL is not set; give it the URL of the postbacks queue")
	}
	file := os.Getenv("BACKSTOP_ROUTES")
	if file == "" {
		file = filepath.Join(os.Getenv("LAMBDA_TASK_ROOT"), "routes.yaml")
	}
	set, err := route.Load(file, route.Options{AllowLoopback: true}) // receive sends nothing anywhere: where to is forward's to refuse
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("configure AWS: %w", err)
	}
	return &ingest.Receiver{
		Sources: set, Queue: sqs.NewQueue(cfg, queue), NewID: ingest.NewID, Pause: ingest.Pause, Meter: ingest.NewMeter(os.Stdout, time.Now),
	}, nil
}
