// Package events turns AWS's events into the domain's calls and back: API Gateway's HTTP requests, SQS's batches.
package events

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"backstop/ingest"
)

// Receiver stores a request; see ingest.Receiver.Receive.
type Receiver interface {
	Receive(ctx context.Context, request ingest.Request) (ingest.Receipt, error)
}

// HTTPHandler handles an event of an HTTP API, payload format 2.0.
type HTTPHandler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// HTTP answers with what became of the request. Its own error is always nil: a failure is a status, so that the sender repeats.
func HTTP(receiver Receiver, log *slog.Logger) HTTPHandler {
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		receipt, err := receiver.Receive(ctx, request(event))
		if err != nil {
			log.ErrorContext(ctx, "a postback is not stored", "error", err.Error())
		}
		return response(receipt), nil
	}
}

func request(event events.APIGatewayV2HTTPRequest) ingest.Request {
	source, token := sourceAndToken(event)
	return ingest.Request{
		ReceivedAt: receivedAt(event),
		Source:     source,
		Token:      token,
		Method:     event.RequestContext.HTTP.Method,
		RawQuery:   event.RawQueryString,
		Headers:    lowerKeys(event.Headers),
		Body:       body(event),
		SourceIP:   event.RequestContext.HTTP.SourceIP,
		UserAgent:  event.RequestContext.HTTP.UserAgent,
	}
}

// sourceAndToken takes the path's own parts; a front that does not name them leaves them to be read from /p/{source}/{token}.
func sourceAndToken(event events.APIGatewayV2HTTPRequest) (source, token string) {
	if event.PathParameters["source"] != "" {
		return event.PathParameters["source"], event.PathParameters["token"]
	}
	_, rest, _ := strings.Cut(event.RawPath, "/p/")
	source, token, _ = strings.Cut(rest, "/")
	return source, token
}

func receivedAt(event events.APIGatewayV2HTTPRequest) time.Time {
	if event.RequestContext.TimeEpoch == 0 {
		return time.Now()
	}
	return time.UnixMilli(event.RequestContext.TimeEpoch)
}

func body(event events.APIGatewayV2HTTPRequest) string {
	if !event.IsBase64Encoded {
		return event.Body
	}
	decoded, err := base64.StdEncoding.DecodeString(event.Body)
	if err != nil {
		return event.Body // stored as it came rather than refused
	}
	return string(decoded)
}

func lowerKeys(headers map[string]string) map[string]string {
	lower := make(map[string]string, len(headers))
	for key, value := range headers {
		lower[strings.ToLower(key)] = value
	}
	return lower
}

// answer is the body of every response.
type answer struct {
	Status     ingest.ReceiptStatus `json:"status"`
	PostbackID string               `json:"postback_id,omitempty"`
}

func response(receipt ingest.Receipt) events.APIGatewayV2HTTPResponse {
	status := http.StatusOK
	switch receipt.Status {
	case ingest.TooLarge:
		status = http.StatusRequestEntityTooLarge
	case ingest.NotStored:
		status = http.StatusServiceUnavailable
	}
	text, _ := json.Marshal(answer{receipt.Status, receipt.PostbackID}) // two strings always encode
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: string(text),
	}
}
