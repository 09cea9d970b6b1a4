package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"backstop/ingest"
	"backstop/ingest/firehose"
	"backstop/ingest/route"
	"backstop/ingest/s3"
	"backstop/ingest/secrets"
	"backstop/ingest/tune"
)

const secretsKept = 5 * time.Minute

func newForwarder(ctx context.Context) (*ingest.Forwarder, error) {
	s, err := readSettings()
	if err != nil {
		return nil, err
	}
	set, err := route.Load(s.routes, route.Options{AllowLoopback: s.allowLoopback})
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("configure AWS: %w", err)
	}
	meter, bucket := ingest.NewMeter(os.Stdout, time.Now), s3.NewBucket(cfg, s.archiveBucket)
	return &ingest.Forwarder{
		Router: set, Destinations: destinations(set, cfg, s.allowLoopback), NewID: ingest.NewID, Now: time.Now, MaxReceives: s.maxReceives, Meter: meter,
		Postbacks: ingest.NewArchiver("postbacks", firehose.NewStream(cfg, s.postbacksStream), bucket, meter),
		Attempts:  ingest.NewArchiver("forwards", firehose.NewStream(cfg, s.forwardsStream), bucket, meter),
	}, nil
}

func destinations(set *route.Set, cfg aws.Config, allowLoopback bool) map[string]ingest.Destination {
	vault := secrets.New(cfg, secretsKept, time.Now)
	all := map[string]ingest.Destination{}
	for _, d := range set.Destinations {
		names := map[string]tune.SecretName{}
		for variable, name := range d.Secrets {
			names[variable] = tune.SecretName(name)
		}
		client := &tune.Client{Template: d, SecretNames: names, Secrets: vault, HTTP: tune.NewHTTPClient(d.Concurrency, allowLoopback)}
		all[d.Name] = ingest.Destination{Concurrency: d.Concurrency, Timeout: d.Timeout, Sender: client}
	}
	return all
}
