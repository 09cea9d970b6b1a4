// Package secrets stands in for AWS Secrets Manager: GetSecretValue of the current version, by name or ARN, over AWS
// JSON 1.1. Everything else is refused: versions other than AWSCURRENT, rotation, binary secrets, permissions.
package secrets

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"

	"backstop/local/awsjson"
	"backstop/local/clock"
)

// arnPrefix leads the ARNs that the stand-in gives; the service adds six characters after the name.
const (
	arnPrefix = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
	arnSuffix = "-local1"
)

// Server is an http.Handler that holds secrets. It is safe for concurrent use.
type Server struct {
	http  http.Handler
	clock *clock.Clock

	mu     sync.Mutex
	values map[string]string
}

// New returns a server with these secret texts by name.
func New(c *clock.Clock, values map[string]string) *Server {
	s := &Server{clock: c, values: maps.Clone(values)}
	s.http = &awsjson.Service{Target: "secretsmanager", Version: "1.1",
		Operations: map[string]awsjson.Operation{"GetSecretValue": awsjson.On(s.getSecretValue)}}
	return s
}

// ARN returns the ARN of a secret's name, whether the secret exists or not.
func ARN(name string) string { return arnPrefix + name + arnSuffix }

// Set replaces a secret, as a rotation does.
func (s *Server) Set(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string]string{}
	}
	s.values[name] = value
}

// ServeHTTP answers one call of an AWS SDK.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

type getInput struct{ SecretId, VersionId, VersionStage string }

type getOutput struct {
	ARN, Name, SecretString, VersionId string
	VersionStages                      []string
	CreatedDate                        float64 // seconds since 1970
}

func (s *Server) getSecretValue(_ context.Context, in getInput) (getOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.TrimSuffix(strings.TrimPrefix(in.SecretId, arnPrefix), arnSuffix)
	value, ok := s.values[name]
	if !ok {
		return getOutput{}, notFound("Secrets Manager can't find the specified secret.")
	}
	version := uuid.NewSHA1(uuid.NameSpaceURL, []byte(name+"\n"+value)).String()
	if in.VersionId != "" && in.VersionId != version || in.VersionStage != "" && in.VersionStage != "AWSCURRENT" {
		return getOutput{}, notFound("Secrets Manager can't find the specified secret value for this version or staging label.")
	}
	return getOutput{ARN: ARN(name), Name: name, SecretString: value, VersionId: version,
		VersionStages: []string{"AWSCURRENT"}, CreatedDate: float64(s.clock.Now().Unix())}, nil
}

func notFound(message string) error {
	return &awsjson.Error{Status: http.StatusBadRequest, Type: "ResourceNotFoundException", Message: message}
}
