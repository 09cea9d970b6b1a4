package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

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

func TestRefusals(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", map[string]string{"MaximumMessageSize": "1024"})
	big := b.queue(t, "big", nil)
	send := func(url *string, body string, delay int32) error {
		_, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: &body, DelaySeconds: delay})
		return err
	}
	batch := func(url *string, bodies ...string) error {
		entries := []types.SendMessageBatchRequestEntry{}
		for i, body := range bodies {
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &body})
		}
		_, err := b.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{QueueUrl: url, Entries: entries})
		return err
	}
	twice := []types.SendMessageBatchRequestEntry{{Id: aws.String("a"), MessageBody: aws.String("x")}, {Id: aws.String("a"), MessageBody: aws.String("y")}}
	_, notDistinct := b.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{QueueUrl: url, Entries: twice})
	_, badReceipt := b.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("x")})
	_, otherQueue := b.GetQueueUrl(t.Context(), &sdk.GetQueueUrlInput{QueueName: aws.String("none")})
	_, exists := b.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{"VisibilityTimeout": "7"}})
	_, fifo := b.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: aws.String("q.fifo")})
	_, attribute := b.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: aws.String("z"), Attributes: map[string]string{"Colour": "red"}})
	_, value := b.SetQueueAttributes(t.Context(), &sdk.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"VisibilityTimeout": "43201"}})
	_, tags := b.TagQueue(t.Context(), &sdk.TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "b"}})

	tests := []struct {
		name string
		err  error
		code string // as users of the SDK see it
	}{
		{"message over the queue's size", send(url, strings.Repeat("x", 1025), 0), "InvalidParameterValue"},
		{"message over 1 MiB", send(big, strings.Repeat("x", 1<<20+1), 0), "InvalidParameterValue"},
		{"empty message", send(url, "", 0), "InvalidParameterValue"},
		{"character outside XML", send(url, "a\x01b", 0), "InvalidMessageContents"},
		{"delay over 900 s", send(url, "a", 901), "InvalidParameterValue"},
		{"empty batch", batch(url), "AWS.SimpleQueueService.EmptyBatchRequest"},
		{"eleven entries", batch(url, strings.Split("abcdefghijk", "")...), "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
		{"batch over 1 MiB", batch(big, strings.Repeat("x", 1<<19), strings.Repeat("x", 1<<19+1)), "AWS.SimpleQueueService.BatchRequestTooLong"},
		{"ids not distinct", notDistinct, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
		{"receipt handle of nobody", badReceipt, "ReceiptHandleIsInvalid"},
		{"no such queue", otherQueue, "AWS.SimpleQueueService.NonExistentQueue"},
		{"queue exists otherwise", exists, "QueueAlreadyExists"},
		{"FIFO", fifo, "InvalidParameterValue"},
		{"unknown attribute", attribute, "InvalidAttributeName"},
		{"attribute out of range", value, "InvalidAttributeValue"},
		{"operation not imitated", tags, "UnknownOperationException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var api smithy.APIError
			if !errors.As(test.err, &api) || api.ErrorCode() != test.code {
				t.Errorf("error = %v, want code %s", test.err, test.code)
			}
		})
	}
	var typed *types.QueueDoesNotExist
	if !errors.As(otherQueue, &typed) {
		t.Errorf("%v is not the SDK's QueueDoesNotExist", otherQueue)
	}
	if depth := b.server.Queue("q").Depth(); !depth.Empty() {
		t.Errorf("refused messages were stored: %+v", depth)
	}
}

func TestBatchEntriesFailOneByOne(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	out, err := b.SendMessageBatch(t.Context(), &sdk.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("good"), MessageBody: aws.String("x")}, {Id: aws.String("bad"), MessageBody: aws.String("\x00")}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Successful) != 1 || len(out.Failed) != 1 || *out.Failed[0].Id != "bad" || !out.Failed[0].SenderFault {
		t.Errorf("batch = %+v", out)
	}
}

func TestMessageAttributesComeBackWithTheirDigest(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	attributes := map[string]types.MessageAttributeValue{
		"kind": {DataType: aws.String("String"), StringValue: aws.String("install")},
		"raw":  {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2}}}
	out, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), MessageAttributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	got := b.receive(t, url)[0]
	if *got.MessageAttributes["kind"].StringValue != "install" || string(got.MessageAttributes["raw"].BinaryValue) != "\x01\x02" {
		t.Errorf("attributes = %+v", got.MessageAttributes)
	}
	if *out.MD5OfMessageAttributes != *got.MD5OfMessageAttributes {
		t.Errorf("MD5 sent %s, received %s", *out.MD5OfMessageAttributes, *got.MD5OfMessageAttributes)
	}
}

func TestDigestOfAttributesIsTheServices(t *testing.T) {
	b := newBench(t, sqs.Options{})
	out, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: b.queue(t, "q", nil), MessageBody: aws.String("x"),
		MessageAttributes: map[string]types.MessageAttributeValue{"timestamp": {DataType: aws.String("Number"), StringValue: aws.String("1493147359900")}}})
	const want = "235c5c510d26fb653d073faed50ae77c" // what SQS answers for this attribute
	if err != nil || *out.MD5OfMessageAttributes != want {
		t.Errorf("MD5OfMessageAttributes = %v, %v, want %s", out.MD5OfMessageAttributes, err, want)
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

func TestSaveAndRestoreKeepEveryMessageInItsState(t *testing.T) {
	b := newBench(t, sqs.Options{})
	b.queue(t, "dead", nil)
	url := b.queue(t, "q", map[string]string{"RedrivePolicy": redrive("dead", 3)})
	b.send(t, url, "held")
	held := b.receive(t, url)[0]
	b.send(t, url, "waiting")
	if _, err := b.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url, MessageBody: aws.String("later"), DelaySeconds: 60}); err != nil {
		t.Fatal(err)
	}
	b.time.move(10 * time.Second)
	path := filepath.Join(t.TempDir(), "queues.json")
	if err := b.server.Save(path); err != nil {
		t.Fatal(err)
	}

	c := newBench(t, sqs.Options{})
	if err := c.server.Restore(path); err != nil {
		t.Fatal(err)
	}
	if got, want := c.server.Queue("q").Depth(), (sqs.Depth{Visible: 1, InFlight: 1, Delayed: 1}); got != want {
		t.Fatalf("restored depth = %+v, want %+v", got, want)
	}
	url = aws.String(c.server.URL("q"))
	if got := c.receive(t, url); len(got) != 1 || *got[0].Body != "waiting" {
		t.Errorf("received %+v, want what was visible", got)
	}
	c.time.move(20 * time.Second)
	if got := c.receive(t, url); len(got) != 1 || *got[0].MessageId != *held.MessageId || got[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Errorf("after the rest of the visibility timeout received %+v, want the held message again", got)
	}
	out, err := c.GetQueueAttributes(t.Context(), &sdk.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || out.Attributes["RedrivePolicy"] != redrive("dead", 3) || out.Attributes["ApproximateNumberOfMessagesDelayed"] != "1" {
		t.Errorf("restored attributes = %v, %v", out, err)
	}
}

func TestRestoreOfNothingIsEmptyAndOfRubbishAnError(t *testing.T) {
	s := newBench(t, sqs.Options{}).server
	if err := s.Restore(filepath.Join(t.TempDir(), "none.json")); err != nil {
		t.Errorf("no file: %v", err)
	}
	if err := s.Restore("sqs_test.go"); err == nil || !strings.Contains(err.Error(), "sqs_test.go") {
		t.Errorf("a file of rubbish gave %v, want an error that names it", err)
	}
}

func TestWaitEmpty(t *testing.T) {
	b := newBench(t, sqs.Options{})
	url := b.queue(t, "q", nil)
	q := b.server.Queue("q")
	b.send(t, url, "one")
	m := b.receive(t, url)[0]
	emptied := make(chan error)
	go func() { emptied <- q.WaitEmpty(context.WithoutCancel(t.Context())) }()
	b.mustDelete(t, url, m.ReceiptHandle)
	if err := <-emptied; err != nil {
		t.Error(err)
	}
	b.send(t, url, "two")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.WaitEmpty(ended); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "1 visible") {
		t.Errorf("WaitEmpty with an ended context = %v", err)
	}
}
