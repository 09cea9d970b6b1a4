package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	lambda "github.com/aws/aws-lambda-go/events"

	"backstop/ingest"
	"backstop/ingest/events"
)

var (
	_ events.Receiver  = (*ingest.Receiver)(nil)
	_ events.Forwarder = (*ingest.Forwarder)(nil)
)

// desk receives as it is told and remembers the request.
type desk struct {
	request ingest.Request
	receipt ingest.Receipt
	err     error
}

func (d *desk) Receive(_ context.Context, request ingest.Request) (ingest.Receipt, error) {
	d.request = request
	return d.receipt, d.err
}

// event reads a recorded event of AWS's own form.
func event[T any](t *testing.T, file string) T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var e T
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestARequestIsReadByteForByte(t *testing.T) {
	d := &desk{}
	handle := events.HTTP(d, slog.New(slog.DiscardHandler))
	if _, err := handle(t.Context(), event[lambda.APIGatewayV2HTTPRequest](t, "http_post.json")); err != nil {
		t.Fatal(err)
	}
	want := ingest.Request{
		ReceivedAt: time.UnixMilli(1795096987250), Source: "adjust", Token: "s3cret", Method: "POST",
		RawQuery: "activity_kind=install&s={sub4}&x=%zz&y=a%20b;c", Body: "click_id=102\x00\xff", SourceIP: "192.0.2.7", UserAgent: "adjust/5",
		Headers: map[string]string{"content-type": "application/x-www-form-urlencoded", "x-forwarded-for": "203.0.113.1"},
	}
	if !reflect.DeepEqual(d.request, want) {
		t.Errorf("got %+v\nwant %+v", d.request, want)
	}
}

func TestWhatAFrontLeavesOut(t *testing.T) {
	tests := []struct {
		name   string
		change func(*lambda.APIGatewayV2HTTPRequest)
		holds  func(ingest.Request) bool
	}{
		{"path parameters", func(e *lambda.APIGatewayV2HTTPRequest) { e.PathParameters = nil },
			func(r ingest.Request) bool { return r.Source == "adjust" && r.Token == "s3cret" }},
		{"path parameters, below a stage", func(e *lambda.APIGatewayV2HTTPRequest) { e.PathParameters, e.RawPath = nil, "/live/p/adjust/s3cret" },
			func(r ingest.Request) bool { return r.Source == "adjust" && r.Token == "s3cret" }},
		{"a path of ours", func(e *lambda.APIGatewayV2HTTPRequest) { e.PathParameters, e.RawPath = nil, "/" },
			func(r ingest.Request) bool { return r.Source == "" && r.Token == "" }},
		{"the time", func(e *lambda.APIGatewayV2HTTPRequest) { e.RequestContext.TimeEpoch = 0 },
			func(r ingest.Request) bool { return time.Since(r.ReceivedAt) < time.Hour }},
		{"the encoding", func(e *lambda.APIGatewayV2HTTPRequest) { e.IsBase64Encoded, e.Body = false, "a=1" },
			func(r ingest.Request) bool { return r.Body == "a=1" }},
		{"a right encoding", func(e *lambda.APIGatewayV2HTTPRequest) { e.Body = "a=1" }, func(r ingest.Request) bool { return r.Body == "a=1" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, e := &desk{}, event[lambda.APIGatewayV2HTTPRequest](t, "http_post.json")
			test.change(&e)
			if _, err := events.HTTP(d, slog.New(slog.DiscardHandler))(t.Context(), e); err != nil || !test.holds(d.request) {
				t.Errorf("got %+v (%v)", d.request, err)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		receipt ingest.Receipt
		err     error
		status  int
		body    string
	}{
		{ingest.Receipt{PostbackID: "p", Status: ingest.Stored}, nil, 200, `{"status":"stored","postback_id":"p"}`},
		{ingest.Receipt{PostbackID: "p", Status: ingest.TooLarge}, nil, 413, `{"status":"too_large","postback_id":"p"}`},
		{ingest.Receipt{Status: ingest.NotStored}, errors.New("queue is gone"), 503, `{"status":"not_stored"}`},
	}
	for _, test := range tests {
		var logged bytes.Buffer
		d := &desk{receipt: test.receipt, err: test.err}
		got, err := events.HTTP(d, slog.New(slog.NewJSONHandler(&logged, nil)))(t.Context(), event[lambda.APIGatewayV2HTTPRequest](t, "http_post.json"))
		if err != nil || got.StatusCode != test.status || got.Body != test.body || got.Headers["Content-Type"] != "application/json" {
			t.Errorf("got %+v (%v)", got, err)
		}
		if (logged.Len() > 0) != (test.err != nil) || strings.Contains(logged.String(), "s3cret") {
			t.Errorf("logged %s", &logged)
		}
	}
}

// belt forwards as it is told and remembers the batch.
type belt struct {
	batch    []ingest.Delivery
	failures []ingest.Failure
}

func (b *belt) Forward(_ context.Context, batch []ingest.Delivery) []ingest.Failure {
	b.batch = batch
	return b.failures
}

func TestABatchIsAnsweredInPart(t *testing.T) {
	tests := []struct {
		name     string
		failures []ingest.Failure
		answer   string
		logged   string
	}{
		{"all done", nil, `{"batchItemFailures":[]}`, ""},
		{"one comes again", []ingest.Failure{{MessageID: "m2", Reason: errors.New("not kept")}}, `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`, `"messages":1,"batch":2,"reason":"not kept"`},
		{"two for one reason", []ingest.Failure{{MessageID: "m1", Reason: errors.New("not kept")}, {MessageID: "m2", Reason: errors.New("not kept")}},
			`{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]}`, `"messages":2,"batch":2,"reason":"not kept"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var logged bytes.Buffer
			b := &belt{failures: test.failures}
			response, err := events.Queue(b, slog.New(slog.NewJSONHandler(&logged, nil)))(t.Context(), event[lambda.SQSEvent](t, "sqs.json"))
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := json.Marshal(response); err != nil || string(answer) != test.answer {
				t.Errorf("answered %s (%v)", answer, err)
			}
			if !strings.Contains(logged.String(), test.logged) || strings.Count(logged.String(), "\n") > 1 {
				t.Errorf("logged %s", &logged)
			}
			want := []ingest.Delivery{{MessageID: "m1", ReceiveCount: 3, Body: []byte(`{"v":1}`)}, {MessageID: "m2", ReceiveCount: 1, Body: []byte("x")}}
			if !reflect.DeepEqual(b.batch, want) {
				t.Errorf("forwarded %+v", b.batch)
			}
		})
	}
}
