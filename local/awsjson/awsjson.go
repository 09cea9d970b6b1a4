// Package awsjson answers AWS's JSON protocol (1.0 and 1.1) as the AWS SDKs expect it: the operation in X-Amz-Target,
// a JSON object as body, errors by "__type" and, for services that once spoke the query protocol, x-amzn-query-error.
// It carries the stand-ins for SQS, Firehose and Secrets Manager.
//
// Not imitated: signatures and permissions (any credentials pass), request compression, CBOR.
package awsjson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// maxRequest bounds what a request may hold: Firehose's 4 MiB in base64 is the largest legal body.
const maxRequest = 16 << 20

// settle is how long an answer waits. Go's HTTP client may still be reading the end of the request body when an
// answer comes from the same machine at once; it then drops the connection and the SDK silently repeats the call.
const settle = 200 * time.Microsecond

// Error is a refusal on the wire. The SDKs retry by status and type: 5xx and throttling types are tried again, other 4xx are not.
type Error struct {
	Status  int
	Type    string // "__type", with its namespace where the service sends one
	Query   string // code for x-amzn-query-error, "" for services without it
	Message string
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Operation answers one call, given its JSON body. Errors other than *Error become a 500 InternalFailure.
type Operation func(ctx context.Context, body []byte) (any, error)

// On makes an Operation of a function from the call's input to its output.
func On[In, Out any](f func(context.Context, In) (Out, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, &Error{Status: http.StatusBadRequest, Type: "SerializationException", Message: err.Error()}
		}
		return f(ctx, in)
	}
}

// Service is an http.Handler for one AWS service.
type Service struct {
	Target     string // what stands before the dot in X-Amz-Target
	Version    string // "1.0" or "1.1"
	Operations map[string]Operation
}

// ServeHTTP answers one call. An operation that the stand-in does not imitate is refused by name.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := s.call(r)
	if r.Context().Err() != nil {
		return
	}
	time.Sleep(settle)
	w.Header().Set("Content-Type", "application/x-amz-json-"+s.Version)
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	if err == nil {
		_ = json.NewEncoder(w).Encode(out) // a client that is gone reads no error either
		return
	}
	refusal := new(Error)
	if !errors.As(err, &refusal) {
		refusal = &Error{Status: http.StatusInternalServerError, Type: "InternalFailure", Message: err.Error()}
	}
	if refusal.Query != "" {
		fault := "Sender"
		if refusal.Status >= http.StatusInternalServerError {
			fault = "Receiver"
		}
		w.Header().Set("X-Amzn-Query-Error", refusal.Query+";"+fault)
	}
	w.WriteHeader(refusal.Status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": refusal.Type, "message": refusal.Message})
}

func (s *Service) call(r *http.Request) (any, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	if len(body) > maxRequest {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Type: "RequestEntityTooLargeException",
			Message: fmt.Sprintf("The request is over %d bytes.", maxRequest)}
	}
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), s.Target+".")
	operation := s.Operations[name]
	if !ok || operation == nil {
		return nil, &Error{Status: http.StatusBadRequest, Type: "UnknownOperationException",
			Message: fmt.Sprintf("This stand-in for %s does not imitate %q.", s.Target, r.Header.Get("X-Amz-Target"))}
	}
	return operation(r.Context(), body)
}
