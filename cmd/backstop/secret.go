package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"backstop/ingest/secrets"
	"backstop/loader"

	"github.com/aws/smithy-go"
)

const defaultTuneSecret = "backstop/tune"

// networkToken reads TUNE's network token from Secrets Manager. The token is in no error, whatever the secret looks like.
func (p *program) networkToken(ctx context.Context) (string, error) {
	cfg, err := p.awsConfig(ctx)
	if err != nil {
		return "", err
	}
	name := cmp.Or(p.getenv(envTuneSecret), defaultTuneSecret)
	token, err := secrets.New(cfg, time.Hour, p.now).Secret(ctx, name, "network_token")
	var unanswered *smithy.OperationError
	var refused smithy.APIError
	switch {
	case err == nil:
		return token, nil
	case errors.As(err, &unanswered) && !errors.As(err, &refused):
		return "", loader.Fail(loader.Transient, "Secrets Manager cannot be reached: %w", err)
	default:
		return "", loader.Fail(loader.Configuration, "look at %s: %w", envTuneSecret, err)
	}
}
