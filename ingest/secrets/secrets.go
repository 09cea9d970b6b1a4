// Package secrets reads AWS Secrets Manager.
package secrets

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Secrets reads secrets whose text is a JSON object of strings, and keeps each for a while. It is safe for concurrent use.
type Secrets struct {
	client *secretsmanager.Client
	keep   time.Duration
	now    func() time.Time

	mu   sync.Mutex
	read map[string]secret
}

type secret struct {
	fields map[string]string
	until  time.Time
}

// New keeps each secret for keep, so that a rotated one is in use after that at the latest.
func New(cfg aws.Config, keep time.Duration, now func() time.Time) *Secrets {
	return &Secrets{client: secretsmanager.NewFromConfig(cfg), keep: keep, now: now, read: map[string]secret{}}
}

// Secret answers one field. While it is read for the first time others who ask wait for it, so that a batch makes one call, not fifty.
// A failure is not kept, and an error never shows a value.
func (s *Secrets) Secret(ctx context.Context, name, field string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.read[name]
	if !ok || !s.now().Before(known.until) {
		fields, err := s.fetch(ctx, name)
		if err != nil {
			return "", err
		}
		known = secret{fields: fields, until: s.now().Add(s.keep)}
		s.read[name] = known
	}
	value, ok := known.fields[field]
	if !ok {
		return "", fmt.Errorf("the secret %s has no field %q", name, field)
	}
	return value, nil
}

func (s *Secrets) fetch(ctx context.Context, name string) (map[string]string, error) {
	output, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return nil, fmt.Errorf("read the secret %s: %w", name, err)
	}
	var fields map[string]string
	if json.Unmarshal([]byte(aws.ToString(output.SecretString)), &fields) != nil { // its error would quote the value
		return nil, fmt.Errorf("the secret %s is no JSON object of texts", name)
	}
	return fields, nil
}
