package ingest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	lambda "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"backstop/ingest"
	"backstop/ingest/events"
	"backstop/ingest/firehose"
	"backstop/ingest/route"
	"backstop/ingest/s3"
	"backstop/ingest/sqs"
	"backstop/ingest/tune"
)

// canaries are planted wherever a request or a configuration holds something that must not be in a log.
const (
	canaryToken   = "canary-token"
	canaryQuery   = "clickid=canary-click&idfa=canary-idfa&advertising_id=canary-gaid&email=canary%40example.org"
	canaryAddress = "192.0.2.99"
	canarySecret  = "canary-secret"
)

// output is what a function writes: its log and its metrics.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

// grep finds the canaries, and lines that are not JSON.
func (o *output) grep(t *testing.T) {
	t.Helper()
	for line := range strings.Lines(o.text.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
		if strings.Contains(strings.ToLower(line), "canary") || strings.Contains(line, canaryAddress) {
			t.Errorf("a canary sings: %s", line)
		}
	}
}

// Every part works on the wire here, once in good health and once with everything broken: what is broken logs the most.
func TestNoCanaryIsLogged(t *testing.T) {
	for _, health := range []string{"good", "broken"} {
		t.Run(health, func(t *testing.T) {
			out := &output{}
			message := canaryReceive(t, out, health == "broken")
			canaryForward(t, out, health == "broken", message)
			if !strings.Contains(out.text.String(), "received") && health == "good" || !strings.Contains(out.text.String(), "attempts") {
				t.Errorf("nothing was written where something should be: %s", &out.text)
			}
			out.grep(t)
		})
	}
}

// service is one of AWS's, or TUNE, that answers everything alike; a broken one refuses.
func service(t *testing.T, broken bool, well string) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if broken {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"__type":"AccessDeniedException","message":"not allowed"}`)
			return
		}
		io.WriteString(w, well)
	}))
	t.Cleanup(server.Close)
	return aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", canarySecret, "")}
}

func canaryReceive(t *testing.T, out *output, broken bool) []byte {
	t.Helper()
	set, err := route.Load(filepath.Join("..", "deploy", "routes.yaml"), route.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kept := &memoryQueue{}
	r := &ingest.Receiver{Sources: goldenRouter{set}, Queue: kept, NewID: ingest.NewID, Pause: ingest.Pause, Meter: ingest.NewMeter(out, time.Now)}
	if broken {
		r.Queue = sqs.NewQueue(service(t, true, ""), "http://127.0.0.1/000000000000/backstop-postbacks")
	}
	handle := events.HTTP(r, slog.New(slog.NewJSONHandler(out, nil)))
	for _, source := range []string{"appsflyer", canaryToken} {
		for _, token := range []string{appsflyerToken, canaryToken} {
			var event lambda.APIGatewayV2HTTPRequest
			event.PathParameters = map[string]string{"source": source, "token": token}
			event.RawQueryString, event.Body = canaryQuery, canaryQuery
			event.RequestContext.HTTP.SourceIP, event.RequestContext.HTTP.UserAgent = canaryAddress, "canary-agent"
			event.Headers = map[string]string{"authorization": "canary-header", "x-forwarded-for": canaryAddress}
			if _, err := handle(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}
	}
	if broken {
		p := ingest.Postback{ID: "canary-id", Source: "appsflyer", Verdict: ingest.VerdictOK, RawQuery: canaryQuery, SourceIP: canaryAddress}
		message, err := ingest.Message{Postback: p, Attempt: 1}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return message
	}
	return kept.messages[0]
}

func canaryForward(t *testing.T, out *output, broken bool, message []byte) {
	t.Helper()
	set, err := route.Load(filepath.Join("..", "deploy", "routes.yaml"), route.Options{})
	if err != nil {
		t.Fatal(err)
	}
	meter := ingest.NewMeter(out, time.Now)
	taken := service(t, broken, `{"FailedPutCount":0,"RequestResponses":[{"RecordId":"1"}]}`)
	f := &ingest.Forwarder{
		Router: set, Destinations: map[string]ingest.Destination{}, NewID: ingest.NewID, Now: time.Now, MaxReceives: 5, Meter: meter,
		Postbacks: ingest.NewArchiver("postbacks", firehose.NewStream(taken, "s"), s3.NewBucket(taken, "b"), meter),
		Attempts:  ingest.NewArchiver("forwards", firehose.NewStream(taken, "s"), s3.NewBucket(taken, "b"), meter),
	}
	network := service(t, false, "success=false; err_msg=Try again with canary-click;")
	for _, d := range set.Destinations {
		d.BaseURL = *network.BaseEndpoint
		c := &tune.Client{Template: d, HTTP: tune.NewHTTPClient(1, true)}
		f.Destinations[d.Name] = ingest.Destination{Concurrency: 1, Timeout: time.Second, Sender: c}
	}
	if broken { // archived by hand, so that it is sent, too
		f.Postbacks = &memoryArchive{}
	}
	handle := events.Queue(f, slog.New(slog.NewJSONHandler(out, nil)))
	var event lambda.SQSEvent
	for i, body := range []string{string(message), "canary", `{"v":1,"postback":{"postback_id":"canary","received_at":"canary"},"attempt":1}`} {
		event.Records = append(event.Records, lambda.SQSMessage{MessageId: fmt.Sprint("canary-", i), Body: body})
	}
	response, err := handle(t.Context(), event)
	if err != nil || len(response.BatchItemFailures) != 3 {
		t.Fatal(errors.Join(err, fmt.Errorf("%d come again, not 3", len(response.BatchItemFailures))))
	}
}
