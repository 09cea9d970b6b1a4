package ingest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"backstop/ingest"
)

// senders is a fixed set of sources.
type senders map[string]ingest.Source

func (s senders) Source(name string) (ingest.Source, bool) {
	source, known := s[name]
	return source, known
}

func sources() senders {
	hash := func(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }
	return senders{
		"appsflyer": {Name: "appsflyer", TokenHashes: [2][sha256.Size]byte{hash("old"), hash("new")}, OnStoreFailure: ingest.FailWithError,
			Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}},
		"branch": {Name: "branch", TokenHashes: [2][sha256.Size]byte{hash("branch")}, OnStoreFailure: ingest.FailByStall},
	}
}

func receiver(queue ingest.Queue) *ingest.Receiver {
	return &ingest.Receiver{Sources: sources(), Queue: queue, NewID: ingest.NewID, Pause: ingest.Pause, Meter: ingest.NewMeter(io.Discard, time.Now)}
}

// stored sends one request and reads back what the queue was given.
func stored(t *testing.T, request ingest.Request) (ingest.Receipt, ingest.Postback) {
	t.Helper()
	queue := &memoryQueue{}
	receipt, err := receiver(queue).Receive(t.Context(), request)
	if err != nil || len(queue.messages) != 1 {
		t.Fatalf("%d messages, error %v", len(queue.messages), err)
	}
	message, err := ingest.DecodeMessage(queue.messages[0])
	if err != nil || message.Attempt != 1 {
		t.Fatalf("attempt %d, error %v", message.Attempt, err)
	}
	if message.Postback.ID != receipt.PostbackID {
		t.Errorf("stored %s, answered %s", message.Postback.ID, receipt.PostbackID)
	}
	return receipt, message.Postback
}

func TestEveryRequestIsStoredWithItsVerdict(t *testing.T) {
	tests := []struct {
		name, source, token string
		stored              string
		verdict             ingest.Verdict
	}{
		{"the first token", "appsflyer", "old", "appsflyer", ingest.VerdictOK},
		{"the second token", "appsflyer", "new", "appsflyer", ingest.VerdictOK},
		{"a wrong token", "appsflyer", "other", "appsflyer", ingest.VerdictBadToken},
		{"no token", "appsflyer", "", "appsflyer", ingest.VerdictBadToken},
		{"the other's token", "branch", "old", "branch", ingest.VerdictBadToken},
		{"an unknown source", "nobody", "old", ingest.UnknownSource, ingest.VerdictUnknownSource},
		{"no source", "", "", ingest.UnknownSource, ingest.VerdictUnknownSource},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			at := time.Date(2026, 11, 19, 14, 3, 7, 250e6, time.UTC)
			receipt, p := stored(t, ingest.Request{ReceivedAt: at, Source: test.source, Token: test.token, RawQuery: "a=1", SourceIP: "203.0.113.1"})
			if receipt.Status != ingest.Stored || p.Source != test.stored || p.Verdict != test.verdict || p.Verified() != (test.verdict == ingest.VerdictOK) {
				t.Errorf("%s: source %q, verdict %q", receipt.Status, p.Source, p.Verdict)
			}
			if !p.ReceivedAt.Equal(at) || p.RawQuery != "a=1" || p.Path != "/p/"+test.source || p.SourceIP != "203.0.113.1" {
				t.Errorf("stored %+v", p)
			}
			if test.token != "" && strings.Contains(p.Path+p.RawQuery, test.token) {
				t.Error("the token is stored")
			}
		})
	}
}

func TestTheSendersAddressIsJudgedNotRefused(t *testing.T) {
	tests := []struct {
		source, address string
		want            ingest.IPVerdict
	}{
		{"appsflyer", "192.0.2.200", ingest.IPListed},
		{"appsflyer", "::ffff:192.0.2.200", ingest.IPListed},
		{"appsflyer", "2001:db8::1", ingest.IPListed},
		{"appsflyer", "198.51.100.1", ingest.IPNotListed},
		{"appsflyer", "no address", ingest.IPNotListed},
		{"branch", "192.0.2.200", ingest.IPNoList},
		{"nobody", "192.0.2.200", ingest.IPNoList},
	}
	for _, test := range tests {
		if _, p := stored(t, ingest.Request{Source: test.source, Token: "old", SourceIP: test.address}); p.IPVerdict != test.want {
			t.Errorf("%s from %s: %s, want %s", test.source, test.address, p.IPVerdict, test.want)
		}
	}
}

func TestOnlyWhatIsOverTheCapIsRefusedAndStillStored(t *testing.T) {
	path := len("/p/appsflyer")
	largest := ingest.Request{Source: "appsflyer", Token: "old", RawQuery: "a=1", Body: strings.Repeat("x", ingest.MaxRequestBytes-path-3)}
	if receipt, p := stored(t, largest); receipt.Status != ingest.Stored || p.Body != largest.Body {
		t.Errorf("the largest one: %s with %d bytes of body", receipt.Status, len(p.Body))
	}
	larger := largest
	larger.Body += "x"
	receipt, p := stored(t, larger)
	if receipt.Status != ingest.TooLarge || p.Verdict != ingest.VerdictTooLarge || p.Verified() {
		t.Errorf("one byte more: %s, %s", receipt.Status, p.Verdict)
	}
	if p.Body != "" || p.RawQuery != "" || p.Size != ingest.MaxRequestBytes+1 {
		t.Errorf("kept %d bytes of body and %q, size %d", len(p.Body), p.RawQuery, p.Size)
	}
	other := larger
	other.Body = strings.Repeat("y", len(larger.Body))
	if _, q := stored(t, other); q.Fingerprint == p.Fingerprint {
		t.Error("two different refused requests have one fingerprint")
	}
	if receipt, _ := stored(t, ingest.Request{Source: strings.Repeat("s", 2*ingest.MaxRequestBytes)}); receipt.Status != ingest.TooLarge {
		t.Errorf("an endless path: %s", receipt.Status)
	}
}

func TestOnlyListedHeadersAreKept(t *testing.T) {
	_, p := stored(t, ingest.Request{Source: "appsflyer", Headers: map[string]string{
		"content-type": "text/plain", "authorization": "secret", "cookie": "secret", "x-api-key": "secret", "user-agent": "kept elsewhere",
	}})
	if len(p.Headers) != 1 || p.Headers["content-type"] != "text/plain" {
		t.Errorf("kept %v", p.Headers)
	}
}

func TestWhatCannotBeStoredIsToBeSentAgain(t *testing.T) {
	tests := []struct {
		source string
		stalls bool
	}{{"appsflyer", false}, {"branch", true}, {"nobody", false}}
	for _, test := range tests {
		t.Run(test.source, func(t *testing.T) {
			broken := errors.New("queue is gone")
			r := receiver(&memoryQueue{err: broken})
			var stalled time.Duration
			r.Pause = func(_ context.Context, d time.Duration) { stalled += d }
			receipt, err := r.Receive(t.Context(), ingest.Request{Source: test.source, RawQuery: "idfa=canary"})
			if receipt.Status != ingest.NotStored || receipt.PostbackID != "" || !errors.Is(err, broken) {
				t.Errorf("%+v, error %v", receipt, err)
			}
			if test.stalls != (stalled > 2*time.Second) {
				t.Errorf("stalled for %s", stalled)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error shows the query: %v", err)
			}
		})
	}
}

func TestIDsAreUUIDsOfVersion7InTheOrderOfTime(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	at := time.Date(2026, 11, 19, 14, 3, 7, 0, time.UTC)
	previous := ""
	for range 100 {
		id := ingest.NewID(at)
		if !form.MatchString(id) || id <= previous || id == ingest.NewID(at) {
			t.Fatalf("%s after %s", id, previous)
		}
		previous, at = id, at.Add(time.Millisecond)
	}
}
