package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"backstop/loader"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
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
	secret, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		var refused smithy.APIError
		if errors.As(err, &refused) {
			return "", loader.Fail(loader.Configuration, "read the secret %s: %s", name, refused.ErrorCode())
		}
		return "", loader.Fail(loader.Transient, "read the secret %s: %w", name, err)
	}
	var content struct {
		Token string `json:"network_token"`
	}
	if secret.SecretString == nil || json.Unmarshal([]byte(*secret.SecretString), &content) != nil || content.Token == "" {
		return "", loader.Fail(loader.Configuration, "the secret %s is not of the form {\"network_id\": …, \"network_token\": …}", name)
	}
	return content.Token, nil
}
