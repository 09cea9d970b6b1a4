package sqs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"pgregory.net/rapid"

	"backstop/local/sqs"
)

// modelMessage is all that a consumer may know of a message.
type modelMessage struct {
	body      string
	receives  int
	handle    *string
	visibleAt time.Time
	dead      bool
}

const (
	modelVisibility = 30 * time.Second
	modelReceives   = 3
)

// model is the reference: a list that is searched from end to end.
type model struct {
	bench    *bench
	main     *string
	dead     *string
	messages []*modelMessage
	sent     int
}

// due returns what must be receivable from the main queue now.
func (m *model) due() []*modelMessage {
	var out []*modelMessage
	for _, x := range m.messages {
		if !x.dead && !x.visibleAt.After(m.bench.time.read()) {
			out = append(out, x)
		}
	}
	return out
}

func (m *model) send(t *rapid.T) {
	m.sent++
	x := &modelMessage{body: fmt.Sprint("message ", m.sent), visibleAt: m.bench.time.read()}
	delay := rapid.SampledFrom([]int32{0, 0, 10}).Draw(t, "delay")
	x.visibleAt = x.visibleAt.Add(time.Duration(delay) * time.Second)
	if _, err := m.bench.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: m.main, MessageBody: &x.body, DelaySeconds: delay}); err != nil {
		t.Fatalf("send: %v", err)
	}
	m.messages = append(m.messages, x)
}

func (m *model) receive(t *rapid.T) {
	most := rapid.Int32Range(1, 10).Draw(t, "most")
	due := m.due()
	for _, x := range due {
		x.dead = x.receives >= modelReceives && int(most) >= len(due)
	}
	if int(most) < len(due) && slices.ContainsFunc(due, func(x *modelMessage) bool { return x.receives >= modelReceives }) {
		t.Skip("which of the due ones come is SQS's choice")
	}
	due = slices.DeleteFunc(due, func(x *modelMessage) bool { return x.dead })
	out, err := m.bench.ReceiveMessage(t.Context(), &sdk.ReceiveMessageInput{QueueUrl: m.main, MaxNumberOfMessages: most, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}})
	if err != nil {
		t.Fatalf("receive: %v", err)
	}
	if want := min(int(most), len(due)); len(out.Messages) != want {
		t.Fatalf("received %d messages, want %d", len(out.Messages), want)
	}
	for _, got := range out.Messages {
		i := slices.IndexFunc(due, func(x *modelMessage) bool { return x.body == *got.Body })
		if i < 0 {
			t.Fatalf("received %q, which is not due", *got.Body)
		}
		x := due[i]
		due = slices.Delete(due, i, i+1)
		x.receives++
		x.handle, x.visibleAt = got.ReceiptHandle, m.bench.time.read().Add(modelVisibility)
		if count := got.Attributes["ApproximateReceiveCount"]; count != fmt.Sprint(x.receives) {
			t.Fatalf("%q counts %s receives, want %d", x.body, count, x.receives)
		}
	}
}

// received draws a message that was received and not yet given up.
func (m *model) received(t *rapid.T) *modelMessage {
	var held []*modelMessage
	for _, x := range m.messages {
		if x.handle != nil && !x.dead {
			held = append(held, x)
		}
	}
	if len(held) == 0 {
		t.Skip("nothing was received")
	}
	return rapid.SampledFrom(held).Draw(t, "message")
}

func (m *model) remove(t *rapid.T) {
	x := m.received(t)
	if _, err := m.bench.DeleteMessage(t.Context(), &sdk.DeleteMessageInput{QueueUrl: m.main, ReceiptHandle: x.handle}); err != nil {
		t.Fatalf("delete: %v", err)
	}
	m.messages = slices.DeleteFunc(m.messages, func(y *modelMessage) bool { return x == y })
}

func (m *model) change(t *rapid.T) {
	x := m.received(t)
	seconds := rapid.SampledFrom([]int32{0, 5, 60}).Draw(t, "visibility")
	inFlight := x.visibleAt.After(m.bench.time.read())
	_, err := m.bench.ChangeMessageVisibility(t.Context(), &sdk.ChangeMessageVisibilityInput{QueueUrl: m.main, ReceiptHandle: x.handle, VisibilityTimeout: seconds})
	if (err == nil) != inFlight {
		t.Fatalf("change of %q, in flight %v: %v", x.body, inFlight, err)
	}
	if inFlight {
		x.visibleAt = m.bench.time.read().Add(time.Duration(seconds) * time.Second)
	}
}

// check holds the exact depths against the model's.
func (m *model) check(t *rapid.T) {
	want, dead := sqs.Depth{}, 0
	for _, x := range m.messages {
		switch hidden := x.visibleAt.After(m.bench.time.read()); {
		case x.dead:
			dead++
		case !hidden:
			want.Visible++
		case x.receives == 0:
			want.Delayed++
		default:
			want.InFlight++
		}
	}
	if got := m.bench.server.Queue("main").Depth(); got != want {
		t.Fatalf("depth = %+v, want %+v", got, want)
	}
	if got := m.bench.server.Queue("dead").Depth().Visible; got != dead {
		t.Fatalf("%d dead letters, want %d", got, dead)
	}
}

func TestQueueBehavesLikeAPlainList(t *testing.T) {
	b := newBench(t, sqs.Options{})
	dead := b.queue(t, "dead", nil)
	url := b.queue(t, "main", map[string]string{"VisibilityTimeout": "30", "RedrivePolicy": redrive("dead", modelReceives)})
	rapid.Check(t, func(t *rapid.T) {
		for _, q := range []*string{url, dead} {
			if _, err := b.PurgeQueue(t.Context(), &sdk.PurgeQueueInput{QueueUrl: aws.String(*q)}); err != nil {
				t.Fatalf("purge: %v", err)
			}
		}
		m := &model{bench: b, main: url, dead: dead}
		t.Repeat(map[string]func(*rapid.T){
			"send": m.send, "receive": m.receive, "delete": m.remove, "change": m.change, "": m.check,
			"wait": func(t *rapid.T) { b.time.move(time.Duration(rapid.IntRange(1, 40).Draw(t, "seconds")) * time.Second) },
		})
	})
}
