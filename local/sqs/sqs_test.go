package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"backstop/local/clock"
	"backstop/local/sqs"
)

// hands is a time that stands until it is moved.
type hands struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hands) read() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hands) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// bench is a server on the wire with an SDK client and a time of its own.
type bench struct {
	*sdk.Client
	server *sqs.Server
	time   *hands
	clock  *clock.Clock
}

func newBench(t testing.TB, options sqs.Options) *bench {
	start := time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)
	b := &bench{time: &hands{now: start}, clock: clock.At(start)}
	web := httptest.NewUnstartedServer(nil)
	options.Endpoint = "http://" + web.Listener.Addr().String()
	options.Time, options.Clock = b.time.read, b.clock
	b.server = sqs.New(options)
	web.Config.Handler = b.server
	web.Start()
	t.Cleanup(web.Close)
	b.Client = sdk.New(sdk.Options{Region: "us-east-1", BaseEndpoint: &options.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	return b
}

// queue makes a queue and returns its URL.
func (b *bench) queue(t testing.TB, name string, attributes map[string]string) *string {
	t.Helper()
	out, err := b.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatalf("create %s: %v", name, err)
	}
	return out.QueueUrl
}

func (b *bench) send(t testing.TB, url *string, body string) string {
	t.Helper()
	out, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: &body})
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	return *out.MessageId
}

func (b *bench) receive(t testing.TB, url *string) []types.Message {
	t.Helper()
	out, err := b.ReceiveMessage(t.Context(), &sdk.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}, MessageAttributeNames: []string{"All"}})
	if err != nil {
		t.Fatalf("receive: %v", err)
	}
	return out.Messages
}

func TestMessageIsHiddenUntilItsVisibilityTimeoutAndThenComesAgain(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", map[string]string{"VisibilityTimeout": "30"})
	id := b.send(t, url, "one")
	b.clock.Set(b.clock.Now().Add(time.Minute))

	first := b.receive(t, url)
	if len(first) != 1 || *first[0].MessageId != id || *first[0].Body != "one" {
		t.Fatalf("first receive = %+v, want message %s", first, id)
	}
	b.time.move(29 * time.Second)
	if again := b.receive(t, url); len(again) != 0 {
		t.Fatalf("received %d messages within the visibility timeout", len(again))
	}
	b.time.move(time.Second)
	second := b.receive(t, url)
	if len(second) != 1 || second[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Fatalf("after the timeout received %+v, want the message a second time", second)
	}
	if got, want := second[0].Attributes["SentTimestamp"], "1795089600000"; got != want {
		t.Errorf("SentTimestamp = %s, want %s", got, want)
	}
	if got, want := second[0].Attributes["ApproximateFirstReceiveTimestamp"], "1795089660000"; got != want {
		t.Errorf("ApproximateFirstReceiveTimestamp = %s, want %s", got, want)
	}
	b.mustDelete(t, url, first[0].ReceiptHandle) // older handle: accepted, does nothing
	if depth := b.server.Queue("q").Depth(); depth.InFlight != 1 {
		t.Fatalf("an older receipt handle deleted the message: %+v", depth)
	}
	b.mustDelete(t, url, second[0].ReceiptHandle)
	b.mustDelete(t, url, second[0].ReceiptHandle)
	if depth := b.server.Queue("q").Depth(); !depth.Empty() {
		t.Errorf("after the delete: %+v", depth)
	}
}

func (b *bench) mustDelete(t testing.TB, url, handle *string) {
	t.Helper()
	if _, err := b.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: url, ReceiptHandle: handle}); err != nil {
		t.Fatalf("delete: %v", err)
	}
}

func TestHandleOfALapsedReceiveStillDeletes(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	b.send(t, url, "one")
	m := b.receive(t, url)[0]
	b.time.move(time.Minute)
	b.mustDelete(t, url, m.ReceiptHandle)
	if depth := b.server.Queue("q").Depth(); !depth.Empty() {
		t.Errorf("after the delete: %+v", depth)
	}
}

func TestSpeedShortensVisibilityAndDelay(t *testing.T) {
	b := newBench(t, sqs.Options{Speed: 10})
	url := b.queue(t, "q", map[string]string{"VisibilityTimeout": "30", "DelaySeconds": "20"})
	b.send(t, url, "one")
	if depth := b.server.Queue("q").Depth(); depth.Delayed != 1 {
		t.Fatalf("after a send with delay: %+v", depth)
	}
	b.time.move(2 * time.Second)
	if got := b.receive(t, url); len(got) != 1 {
		t.Fatalf("received %d messages after a tenth of the delay", len(got))
	}
	b.time.move(3 * time.Second)
	if got := b.receive(t, url); len(got) != 1 {
		t.Fatalf("received %d messages after a tenth of the visibility timeout", len(got))
	}
	if got := b.server.Queue("q").Visibility(); got != 3*time.Second {
		t.Errorf("Visibility() = %v, want 3s", got)
	}
}

func TestDeadLettersLeaveOnTheReceiveAfterTheLastAllowedOne(t *testing.T) {
	b := newBench(t, sqs.Options{})
	dead := b.queue(t, "dead", nil)
	url := b.queue(t, "q", map[string]string{"VisibilityTimeout": "1", "RedrivePolicy": redrive("dead", 2)})
	id := b.send(t, url, "bad")
	for range 2 {
		if got := b.receive(t, url); len(got) != 1 {
			t.Fatalf("received %d messages, want 1", len(got))
		}
		if depth := b.server.Queue("dead").Depth(); depth.Visible != 0 {
			t.Fatalf("given up too early: %+v", depth)
		}
		b.time.move(time.Second)
	}
	b.clock.Set(b.clock.Now().Add(time.Hour))
	if got := b.receive(t, url); len(got) != 0 {
		t.Fatalf("received %d messages after maxReceiveCount", len(got))
	}
	got := b.receive(t, dead)
	if len(got) != 1 || *got[0].MessageId != id {
		t.Fatalf("dead-letter queue gave %+v, want message %s", got, id)
	}
	if got[0].Attributes["DeadLetterQueueSourceArn"] != b.server.ARN("q") || got[0].Attributes["SentTimestamp"] != "1795089600000" {
		t.Errorf("attributes = %v, want the source and the original time of sending", got[0].Attributes)
	}
	sources, err := b.ListDeadLetterSourceQueues(t.Context(), &sdk.ListDeadLetterSourceQueuesInput{QueueUrl: dead})
	if err != nil || len(sources.QueueUrls) != 1 || sources.QueueUrls[0] != *url {
		t.Errorf("sources = %v, %v; want %s", sources, err, *url)
	}
}

func redrive(to string, receives int) string {
	return fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:%s","maxReceiveCount":%d}`, to, receives)
}

func TestMessagesPastRetentionAreDropped(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", map[string]string{"MessageRetentionPeriod": "60"})
	b.send(t, url, "old")
	b.clock.Set(b.clock.Now().Add(61 * time.Second))
	b.send(t, url, "new")
	if got := b.receive(t, url); len(got) != 1 || *got[0].Body != "new" {
		t.Errorf("received %+v, want only the new message", got)
	}
}

func TestLongPollWakesWhenAMessageComes(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	got := make(chan []types.Message)
	go func() {
		out, err := b.ReceiveMessage(context.WithoutCancel(t.Context()), &sdk.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20})
		if err != nil {
			t.Errorf("receive: %v", err)
			out = &sdk.ReceiveMessageOutput{}
		}
		got <- out.Messages
	}()
	id := b.send(t, url, "one")
	if messages := <-got; len(messages) != 1 || *messages[0].MessageId != id {
		t.Errorf("long poll gave %+v, want message %s", messages, id)
	}
}

func TestChangeVisibility(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	b.send(t, url, "one")
	m := b.receive(t, url)[0]
	change := func(seconds int32) error {
		_, err := b.ChangeMessageVisibility(t.Context(), &sdk.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds})
		return err
	}
	if err := change(100); err != nil {
		t.Fatal(err)
	}
	b.time.move(99 * time.Second)
	if got := b.receive(t, url); len(got) != 0 {
		t.Fatal("the message showed before its new timeout")
	}
	b.time.move(time.Second)
	var lapsed *types.MessageNotInflight
	if err := change(10); !errors.As(err, &lapsed) {
		t.Errorf("changing a lapsed receive: %v, want MessageNotInflight", err)
	}
	m = b.receive(t, url)[0]
	if err := change(0); err != nil {
		t.Fatal(err)
	}
	if got := b.receive(t, url); len(got) != 1 {
		t.Error("zero did not show the message at once")
	}
}
