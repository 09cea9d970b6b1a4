package eventsource_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"backstop/local/clock"
	"backstop/local/eventsource"
	"backstop/local/firehose"
	"backstop/local/gateway"
	"backstop/local/lambdahost"
	"backstop/local/s3"
	"backstop/local/secrets"
	"backstop/local/sqs"
	"backstop/local/template"
)

const (
	token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	speed = 200 // visibility timeouts and batching windows pass in a two-hundredth of their time
)

var noon = time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)

// ingest is the whole way from a request to the archive and to TUNE: the deploy template on stand-ins, with the real bootstraps.
type ingest struct {
	template *template.Template
	queues   *sqs.Server
	streams  *firehose.Server
	front    *httptest.Server
	archive  *s3sdk.Client
	forward  *lambdahost.Host
	tune     *receiver
	mapping  eventsource.Mapping
}

// receiver is TUNE as far as a postback sees it. It answers what the transaction's name says.
type receiver struct {
	mu     sync.Mutex
	got    map[string]int // requests by postback_id
	calls  int
	onCall func(n int)
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	query := request.URL.Query()
	r.mu.Lock()
	r.calls++
	n, onCall := r.calls, r.onCall
	r.got[query.Get("adv_sub")]++
	r.mu.Unlock()
	if onCall != nil {
		onCall(n)
	}
	switch query.Get("transaction_id") {
	case "rejected":
		fmt.Fprint(w, "success=false; err_msg=Invalid Trans. ID;")
	case "broken":
		w.WriteHeader(http.StatusInternalServerError)
	default:
		fmt.Fprint(w, "success=true;")
	}
}

// requests returns how often a postback was sent to TUNE.
func (r *receiver) requests(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got[id]
}

// serve starts a server whose handler is made knowing its address.
func serve(t *testing.T, handler func(address string) http.Handler) string {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	address := "http://" + web.Listener.Addr().String()
	web.Config.Handler = handler(address)
	web.Start()
	t.Cleanup(web.Close)
	return address
}

func newIngest(t *testing.T) *ingest {
	t.Helper()
	i := &ingest{tune: &receiver{got: map[string]int{}}}
	time := clock.At(noon)
	store, err := s3.Open("", "backstop-archive")
	if err != nil {
		t.Fatal(err)
	}
	endpoints := map[string]string{
		"AWS_ENDPOINT_URL_S3":              serve(t, func(string) http.Handler { return store }),
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": serve(t, func(string) http.Handler { return secrets.New(time, nil) }),
	}
	endpoints["AWS_ENDPOINT_URL_SQS"] = serve(t, func(address string) http.Handler {
		i.queues = sqs.New(sqs.Options{Endpoint: address, Clock: time, Speed: speed})
		return i.queues
	})
	if i.template, err = template.Read("../../deploy/template.yaml", template.Place{QueueEndpoint: endpoints["AWS_ENDPOINT_URL_SQS"]}); err != nil {
		t.Fatal(err)
	}
	for _, q := range i.template.Queues {
		if _, err := i.queues.Ensure(q.Name, q.Attributes); err != nil {
			t.Fatal(err)
		}
	}
	endpoints["AWS_ENDPOINT_URL_FIREHOSE"] = serve(t, func(string) http.Handler { return i.newStreams(t, time, store) })
	endpoints["BACKSTOP_ROUTES"] = writeRoutes(t, serve(t, func(string) http.Handler { return i.tune }))
	endpoints["BACKSTOP_ALLOW_LOOPBACK"] = "true"
	i.archive = s3sdk.New(s3sdk.Options{Region: "us-east-1", BaseEndpoint: aws.String(endpoints["AWS_ENDPOINT_URL_S3"]), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	i.start(t, time, endpoints)
	return i
}

func (i *ingest) newStreams(t *testing.T, c *clock.Clock, store *s3.Store) http.Handler {
	t.Helper()
	var streams []firehose.Stream
	for _, s := range i.template.Streams {
		streams = append(streams, firehose.Stream(s))
	}
	var err error
	if i.streams, err = firehose.New(firehose.Options{Clock: c, Put: store.Put, Streams: streams}); err != nil {
		t.Fatal(err)
	}
	return i.streams
}

// start starts the functions and what feeds them.
func (i *ingest) start(t *testing.T, c *clock.Clock, environment map[string]string) {
	t.Helper()
	var routes []gateway.Route
	for _, f := range i.template.Functions {
		host := newHost(t, f, environment)
		for _, r := range f.Routes {
			routes = append(routes, gateway.Route{Method: r.Method, Path: r.Path, Function: host})
		}
		for _, m := range f.Mappings {
			i.forward = host
			queue := i.queues.Queue("backstop-postbacks")
			i.mapping = eventsource.Mapping{Queue: queue, Function: host, QueueARN: m.QueueARN, Region: "us-east-1", BatchSize: m.BatchSize,
				Window: m.Window / speed, Concurrency: 2, ReportsFailures: m.ReportsFailures}
		}
	}
	front, err := gateway.New(gateway.Options{Clock: c, Routes: routes})
	if err != nil {
		t.Fatal(err)
	}
	i.front = httptest.NewServer(front)
	t.Cleanup(i.front.Close)
}

// scratch is a folder for the tests of this package; TestMain makes and removes it.
var scratch string

// build builds cmd/receive and cmd/forward once, each as bootstrap in a folder of its name.
var build = sync.OnceValue(func() error {
	for _, command := range []string{"receive", "forward"} {
		out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(scratch, command, "bootstrap"), "backstop/cmd/"+command).CombinedOutput()
		if err != nil {
			return fmt.Errorf("build %s: %w\n%s", command, err, out)
		}
	}
	return nil
})

func TestMain(m *testing.M) { os.Exit(runInScratch(m)) }

func runInScratch(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "eventsource"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	return m.Run()
}

// newHost hosts the bootstrap of a function.
func newHost(t *testing.T, f template.Function, environment map[string]string) *lambdahost.Host {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(scratch, filepath.Base(f.Code)) // CodeUri ends in the command's name
	variables := map[string]string{}
	for _, from := range []map[string]string{f.Environment, environment} {
		for name, value := range from {
			variables[name] = value
		}
	}
	host := lambdahost.New(lambdahost.Function{Name: f.Name, Bootstrap: filepath.Join(root, "bootstrap"), Root: root,
		Environment: variables, Timeout: f.Timeout, MemoryMB: f.MemoryMB, Sandboxes: 2, Log: t.Output()})
	t.Cleanup(host.Close)
	return host
}

func writeRoutes(t *testing.T, tune string) string {
	t.Helper()
	hash := sha256.Sum256([]byte(token))
	path := filepath.Join(t.TempDir(), "routes.yaml")
	text := fmt.Sprintf(`version: "test"
sources:
  appsflyer: {tokens: ["sha256:%s"], on_store_failure: error, rejected_when: params.is_rejected == "true"}
destinations:
  tune: {base_url: %q, url: "{+base}/aff_lsr{?transaction_id,adv_sub}", timeout: 5s, concurrency: 20}
routes:
  - name: install
    when: source == "appsflyer"
    to: tune
    set: {transaction_id: params.clickid, adv_sub: postback_id}
`, hex.EncodeToString(hash[:]), tune)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// postback sends one and returns the status and the postback_id of the answer.
func (i *ingest) postback(t *testing.T, token string, parameters url.Values) (int, string) {
	t.Helper()
	response, err := http.Get(i.front.URL + "/p/appsflyer/" + token + "?" + parameters.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		PostbackID string `json:"postback_id"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("answer %s: %v", text, err)
	}
	return response.StatusCode, answer.PostbackID
}

// drain lets the queue feed forward until it is empty, and delivers the streams.
func (i *ingest) drain(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- i.mapping.Run(ctx) }()
	err := i.queues.Queue("backstop-postbacks").WaitEmpty(t.Context())
	cancel()
	<-ended
	if err := errors.Join(err, i.streams.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// lines reads every archived line of a stream.
func (i *ingest) lines(t *testing.T, stream string) []map[string]any {
	t.Helper()
	var out []map[string]any
	pages := s3sdk.NewListObjectsV2Paginator(i.archive, &s3sdk.ListObjectsV2Input{Bucket: aws.String("backstop-archive"), Prefix: aws.String(stream + "/dt=2026-11-19/hr=12/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range page.Contents {
			out = append(out, i.object(t, *object.Key)...)
		}
	}
	return out
}

func (i *ingest) object(t *testing.T, key string) []map[string]any {
	t.Helper()
	object, err := i.archive.GetObject(t.Context(), &s3sdk.GetObjectInput{Bucket: aws.String("backstop-archive"), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Body.Close()
	text, err := gzip.NewReader(object.Body)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	var out []map[string]any
	scanner := bufio.NewScanner(text)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var line map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		out = append(out, line)
	}
	if err := scanner.Err(); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return out
}
