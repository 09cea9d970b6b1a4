package ingest_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"backstop/ingest"
)

func record(p ingest.Postback) ingest.PostbackRecord {
	p.ID, p.ReceivedAt, p.Source, p.Verdict = "id", time.Unix(0, 0), "appsflyer", ingest.VerdictOK
	return ingest.PostbackRecord{Postback: p, MessageID: "m", ReceiveCount: 1, ArchivedAt: time.Unix(0, 0), RoutesVersion: "1"}
}

// anyText draws short and long texts: plain, hard to escape, not text at all.
func anyText(limit int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		unit := rapid.OneOf(
			rapid.SampledFrom([]string{"a", "\"", "\\", "\n", "\x01", "\x00", "\xff", "é", "😀", "\u2028", "<&>", "%00", "%FF", "=", "&", "&a=", "A", "\ufffe", ""}),
			rapid.String(),
			rapid.StringMatching(`[a-c]=(%0[01]|%[cCeE]9|\+|x){0,3}(&[A-C_a-c]{0,2}=)?`),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string { return string(b) }),
		).Draw(t, "unit")
		times := rapid.SampledFrom([]int{1, 1, 1, 7, 1000, 9000, 50_000, limit}).Draw(t, "times")
		text := strings.Repeat(unit, min(times, limit/max(len(unit), 1)))
		return text + rapid.StringMatching(`[a-z=&]{0,4}`).Draw(t, "rest")
	})
}

func TestEveryPostbackBecomesALoadableLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText(60_000)
		p := ingest.Postback{
			RawQuery: text.Draw(t, "query"), Body: anyText(100_000).Draw(t, "body"), UserAgent: text.Draw(t, "agent"), Path: "/p/" + text.Draw(t, "path"),
			Headers: map[string]string{"content-type": rapid.SampledFrom([]string{"application/x-www-form-urlencoded", "text/plain", "\x00\xff"}).Draw(t, "type")},
		}
		line := record(p).Line()
		if err := loadable(line); err != nil {
			t.Fatalf("the line %s", err)
		}
		if err := faithful(p, line); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheWorstRequestsFitALine(t *testing.T) {
	form := map[string]string{"content-type": "application/x-www-form-urlencoded"}
	full := func(unit string) string { return strings.Repeat(unit, ingest.MaxRequestBytes/len(unit)) }
	spread := strings.Repeat("\x01", 8192)
	tests := []struct {
		name     string
		postback ingest.Postback
		dropped  bool
	}{
		{"quotes", ingest.Postback{Body: full(`"`)}, false},
		{"control characters", ingest.Postback{Body: full("\x01")}, false},
		{"NULs", ingest.Postback{Body: full("\x00")}, false},
		{"a form of quotes", ingest.Postback{Body: "v=" + full(`"`)[2:], Headers: form}, true},
		{"a form of very many names", ingest.Postback{Body: full("a&b&c&d&"), Headers: form}, false},
		{"a form of different names", ingest.Postback{Body: differentNames(), Headers: form}, false},
		{"a form of control characters", ingest.Postback{Body: full("%01"), Headers: form}, false},
		{"a query of one long name", ingest.Postback{RawQuery: full("n")}, false},
		{"control characters in every place", ingest.Postback{RawQuery: spread, Path: spread, UserAgent: spread, Body: full(`"`)[10*len(spread):],
			Headers: map[string]string{"accept-language": spread, "content-encoding": spread, "content-length": spread, "content-type": spread, "date": spread,
				"via": spread, "x-forwarded-for": spread}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			line := record(test.postback).Line()
			if err := loadable(line); err != nil {
				t.Errorf("the line %s", err)
			}
			if err := faithful(test.postback, line); err != nil {
				t.Error(err)
			}
			got, err := decoded(line)
			if _, dropped := got["dropped"]; err != nil || dropped != test.dropped {
				t.Errorf("dropped: %v, want %v (%v)", got["dropped"], test.dropped, err)
			}
		})
	}
}

func differentNames() string {
	var b strings.Builder
	for i := int64(0); b.Len() < ingest.MaxRequestBytes-8; i++ {
		b.WriteString(strconv.FormatInt(i, 36) + "&")
	}
	return b.String()
}

func TestParamsOfARecord(t *testing.T) {
	tests := []struct {
		name, query      string
		params, repeated string
	}{
		{"first value and all values", "Sub=1&sub=2&x=3", `{"sub":"1","x":"3"}`, `{"sub":["1","2"]}`},
		{"no text", "a=%FF&b=%00", `{"a_base64":"/w==","b_base64":"AA=="}`, ""},
		{"one of the repeated is no text", "a=x&a=%FF", `{"a":"x"}`, `{"a_base64":["eA==","/w=="]}`},
		{"a real name like a marked one", "a=%FF&a_base64=x", `{"a_base64_base64":"/w==","a_base64":"x"}`, ""},
		{"a real name like a marked one, before", "a_base64=x&a=%FF", `{"a_base64":"x","a_base64_base64":"/w=="}`, ""},
		{"no name", "=1&_=2", `{"_":"1"}`, `{"_":["1","2"]}`},
		{"a name that is no text", "a%00%FFb=1", `{"a%00%ffb":"1"}`, ""},
		{"letters beyond ASCII stay", "%C3%89A=1", `{"Éa":"1"}`, ""},
		{"an unresolved macro", "s={sub4}", `{"s":"{sub4}"}`, ""},
		{"a name with blanks and quotes", "a+%22=1", `{"a \"":"1"}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			line := string(record(ingest.Postback{RawQuery: test.query}).Line())
			if !strings.Contains(line, `"params":`+test.params+`,`) {
				t.Errorf("want params %s in %s", test.params, line)
			}
			if got := strings.Contains(line, `"repeated":`); got != (test.repeated != "") || !strings.Contains(line, test.repeated) {
				t.Errorf("want repeated %s in %s", test.repeated, line)
			}
		})
	}
}

func TestLongNamesStayDistinct(t *testing.T) {
	long := strings.Repeat("é", 200)
	line := record(ingest.Postback{RawQuery: long + "1=a&" + long + "2=b"}).Line()
	if err := loadable(line); err != nil {
		t.Fatalf("the line %s", err)
	}
	got, err := decoded(line)
	if params, ok := got["params"].(map[string]any); err != nil || !ok || len(params) != 2 {
		t.Errorf("params %v (%v)", got["params"], err)
	}
}

func TestEveryAttemptBecomesALoadableLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText(30_000)
		line := ingest.Attempt{
			ID: "a", PostbackID: "p", Variables: map[string]string{"transaction_id": text.Draw(t, "transaction"), "offer_id": text.Draw(t, "offer")},
			At: time.Unix(0, 0), Result: ingest.Result{URL: text.Draw(t, "url"), Reason: text.Draw(t, "reason"), Response: text.Draw(t, "response")},
		}.Line()
		if err := loadable(line); err != nil {
			t.Fatalf("the line %s", err)
		}
	})
}

func FuzzPostbackLine(f *testing.F) {
	f.Add("clickid=1&a=%00", "body", "application/x-www-form-urlencoded", "agent")
	f.Add("=%FF&=&_=1", "\x00\xff", "", "\"\\")
	f.Fuzz(func(t *testing.T, query, body, contentType, agent string) {
		p := ingest.Postback{RawQuery: query, Body: body, UserAgent: agent, Headers: map[string]string{"content-type": contentType}}
		line := record(p).Line()
		if err := loadable(line); err != nil {
			t.Fatalf("the line %s", err)
		}
		if err := faithful(p, line); err != nil {
			t.Fatal(err)
		}
	})
}
