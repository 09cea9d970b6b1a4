package ingest_test

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"backstop/ingest"
)

func TestMessagesTravelUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText(5000)
		sent := ingest.Message{
			Postback: ingest.Postback{
				ID: "id", ReceivedAt: time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).UTC(), Source: "appsflyer",
				Verdict: ingest.VerdictOK, IPVerdict: ingest.IPListed, Method: "POST", Path: text.Draw(t, "path"), RawQuery: text.Draw(t, "query"),
				Headers: map[string]string{"via": text.Draw(t, "via")}, Body: anyText(200_000).Draw(t, "body"), SourceIP: "192.0.2.1",
				UserAgent: text.Draw(t, "agent"), Fingerprint: "f", Size: 7,
			},
			Route: rapid.SampledFrom([]string{"", "install"}).Draw(t, "route"), Attempt: rapid.IntRange(1, 30).Draw(t, "attempt"),
			ReplayID: rapid.SampledFrom([]string{"", "replay"}).Draw(t, "replay"),
		}
		if rapid.Bool().Draw(t, "due") {
			sent.DueAt = time.Unix(1795096980, 0).UTC()
		}
		data, err := sent.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if at := forbiddenBySQS(data); at >= 0 {
			t.Fatalf("SQS refuses byte %d of %.80q", at, data[at:])
		}
		got, err := ingest.DecodeMessage(data)
		if err != nil || !reflect.DeepEqual(got, sent) {
			t.Fatalf("got %+v, sent %+v (%v)", got, sent, err)
		}
	})
}

// forbiddenBySQS finds a character outside of XML 1.0's: SQS takes #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.
func forbiddenBySQS(data []byte) int {
	for i, r := range string(data) {
		switch {
		case r == utf8.RuneError && !utf8.Valid(data[i:min(i+3, len(data))]), r < 0x20 && r != 9 && r != 10 && r != 13, r == 0xFFFE, r == 0xFFFF:
			return i
		}
	}
	return -1
}

func TestTheLargestRequestFitsAMessage(t *testing.T) {
	for _, unit := range []string{"x", `"`, "\\", "<", "&", "\x01", "\x00", "\xff", "\n", "\u2028", "\ufffe", "é"} {
		p := ingest.Postback{ID: "id", Body: strings.Repeat(unit, ingest.MaxRequestBytes/len(unit))}
		if data, err := (ingest.Message{Postback: p, Attempt: 1}).Encode(); err != nil || len(data) > ingest.MaxMessageBytes {
			t.Errorf("%q: %d bytes, %v", unit, len(data), err)
		}
	}
}

func TestAMessageThatSQSWouldRefuseIsNotMade(t *testing.T) {
	p := ingest.Postback{ID: "id", Body: strings.Repeat("x", ingest.MaxMessageBytes)}
	if _, err := (ingest.Message{Postback: p, Attempt: 1}).Encode(); err == nil || !strings.Contains(err.Error(), "SQS takes 1048576") {
		t.Errorf("got %v", err)
	}
}

func TestForeignMessagesAreRefused(t *testing.T) {
	for _, data := range []string{
		``, `{}`, `[]`, `null`, `hello`, `{"v":2,"postback":{"postback_id":"a"},"attempt":1}`, `{"v":1,"attempt":1}`,
		`{"v":1,"postback":{"postback_id":"a"},"attempt":0}`, `{"v":1,"postback":{"postback_id":"a","body":{"base64":"%"}},"attempt":1}`,
	} {
		if _, err := ingest.DecodeMessage([]byte(data)); err == nil {
			t.Errorf("%s is taken for a message", data)
		}
	}
}
