package ingest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backstop/ingest"
	"backstop/ingest/route"
)

var update = flag.Bool("update", false, "write the golden records anew")

// sample is one request of the golden records and what TUNE answers to it, should it be forwarded.
type sample struct {
	name    string
	request ingest.Request
	result  ingest.Result
}

const (
	appsflyerToken = "appsflyer-token"
	adjustToken    = "adjust-token"
	longReferrer   = 70_000
)

// samples are the requests behind records/*.ndjson. The loader's and dbt's tests read those lines: add to the end, keep the order.
func samples() []sample {
	form := map[string]string{"content-type": "application/x-www-form-urlencoded"}
	accepted := ingest.Result{StatusCode: 200, Outcome: ingest.Accepted, Response: "success=true;", Latency: 41 * time.Millisecond}
	return []sample{
		{"a plain AppsFlyer install", get("appsflyer", appsflyerToken,
			"clickid=102d365610c5506165491ff839583c&af_siteid=2002&af_c_id=1001&advertising_id=38400000-8cf0-11bd-b23e-10b96e40000d"+
				"&appsflyer_id=1763000000000-6513894&install_time=2026-11-19+14%3A02%3A51&click_time=2026-11-19+13%3A41%3A00"+
				"&gp_click_time=1795095660&gp_install_begin=1795096900&country_code=US&language=en&device_ip=203.0.113.9&app_id=com.example.gameone"), accepted},
		{"a purchase with a repeated key and an unresolved macro", get("appsflyer", appsflyerToken,
			"clickid=102ffffffffffffffffffffffffff0&af_siteid=2002&af_c_id=1001&goal_id=31&event_name=af_purchase&event_revenue=4.99"+
				"&event_revenue_currency=USD&event_time=2026-11-19+14%3A03%3A05&Af_Sub1=one&af_sub1=two&af_sub4={sub4}"),
			ingest.Result{StatusCode: 200, Outcome: ingest.Rejected, Reason: "Invalid Trans. ID #102ffffffffffffffffffffffffff0.",
				Response: "success=false; err_msg=Invalid Trans. ID #102ffffffffffffffffffffffffff0.;", Latency: 38 * time.Millisecond}},
		{"an install that AppsFlyer rejects", get("appsflyer", appsflyerToken,
			"clickid=102d365610c5506165491ff8395840&af_siteid=2002&af_c_id=1001&install_time=2026-11-19+14%3A02%3A51"+
				"&is_rejected=1&reject_reason=site_blacklist&reject_reason_value=%221123456%22"), ingest.Result{}},
		{"an Adjust form POST", ingest.Request{Source: "adjust", Token: adjustToken, Method: "POST", RawQuery: "activity_kind=install", Headers: form,
			Body: "click_id=102d365610c5506165491ff8395841&campaign_id=1001&adid=18546f6171f67e29d1cb983322ad1329" +
				"&gps_adid=38400000-8cf0-11bd-b23e-10b96e40000d&click_time=1795096000&installed_at=1795096900&created_at=1795096980" +
				"&conversion_duration=900&country=us&network_name=Network1%3A%3AChristmas&revenue_float=0.50&currency=USD"}, accepted},
		{"an install that Adjust rejects", get("adjust", adjustToken,
			"activity_kind=rejected_install&click_id=102d365610c5506165491ff8395842&campaign_id=1001&adid=18546f6171f67e29d1cb983322ad1330"+
				"&rejection_reason=too_many_engagements&created_at=1795096980"), ingest.Result{}},
		{"an unknown source", get("appsflier", appsflyerToken, "clickid=102d365610c5506165491ff8395843"), ingest.Result{}},
		{"a wrong token", get("appsflyer", "guessed", "clickid=102d365610c5506165491ff8395844&is_rejected=1"), ingest.Result{}},
		{"one that is too large", ingest.Request{Source: "appsflyer", Token: appsflyerToken, Method: "POST", Headers: form,
			Body: "clickid=102d365610c5506165491ff8395845&blob=" + strings.Repeat("x", ingest.MaxRequestBytes)}, ingest.Result{}},
		{"NUL and invalid UTF-8", ingest.Request{Source: "appsflyer", Token: appsflyerToken, Method: "POST",
			RawQuery: "clickid=102d365610c5506165491ff8395846&af_c_id=1001&af_sub1=caf%E9&af_sub2=a%00b&af_sub3=100%25%zz",
			Headers:  map[string]string{"content-type": "application/octet-stream"}, Body: "\x00\xff\xfe"},
			ingest.Result{StatusCode: 503, Outcome: ingest.Transient, Reason: "HTTP 503", Response: "busy", Latency: 12 * time.Millisecond}},
		{"a text longer than a string of Redshift", ingest.Request{Source: "appsflyer", Token: appsflyerToken, Method: "POST",
			RawQuery: "event_name=af_level", Headers: form,
			Body: "clickid=102d365610c5506165491ff8395847&goal_id=32&event_value=" + strings.Repeat("0123456789", longReferrer/10)},
			ingest.Result{StatusCode: 200, Outcome: ingest.Duplicate, Reason: "Duplicate conversion.",
				Response: "success=false; err_msg=Duplicate conversion.;", Latency: 29 * time.Millisecond}},
		{"an install whose reasons nobody filled in", get("appsflyer", appsflyerToken,
			"clickid=102d365610c5506165491ff8395848&af_siteid=2002&af_c_id=1001&install_time=2026-11-19+14%3A02%3A51&event_name=(event_name)"+
				"&is_rejected=(is_rejected)&reject_reason=(reject_reason)&blocked_reason=null"), accepted},
		{"a Branch install in milliseconds", get("branch", "branch-token",
			"click_id=102d365610c5506165491ff8395849&affiliate_id=2002&offer_id=1001&event_name=INSTALL&id=1400000000000000001&event_timestamp=1795096980250"+
				"&click_timestamp=1795096380000&bundle_id=com.example.runnersix&aaid=38400000-8cf0-11bd-b23e-10b96e40000d&client_ip=203.0.113.9&country=US"+
				"&~channel=${(last_attributed_touch_data.~channel)!}&reject_reason=${(reject_reason)!}"), accepted},
		{"a Branch purchase as a form POST", ingest.Request{Source: "branch", Token: "branch-token", Method: "POST", Headers: form,
			Body: "click_id=102d365610c5506165491ff8395850&goal_id=31&event_name=PURCHASE&id=1400000000000000002&event_timestamp=1795096985000" +
				"&click_timestamp=1795096380000&revenue=4.99&currency=USD"}, accepted},
		{"an install that Branch rejects", get("branch", "branch-token",
			"click_id=102d365610c5506165491ff8395851&event_name=INSTALL&id=1400000000000000003&event_timestamp=1795096980000&is_rejected=true"), ingest.Result{}},
		{"a Kochava install", get("kochava", "kochava-token",
			"click_id=102d365610c5506165491ff8395852&site_id=2002&offer_id=1001&event_name=_install&event_time=2026-11-19+14%3A02%3A51&att_time=1795096380"+
				"&app_id=kocity-seven-ios&kochava_device_id=KI8C6CBC0D&idfa=8C6CBC0D-5B5B-4D4A-9C9F-8E1A5C1B2D3E&ip=203.0.113.9&creative_id={creative_id}"), accepted},
		{"an install that Kochava rejects for two reasons", get("kochava", "kochava-token",
			"click_id=102d365610c5506165491ff8395853&offer_id=1001&event_name=_install&event_time=2026-11-19+14%3A02%3A51"+
				"&reject_reason=blacklist_site%7Cclick_flooding"), ingest.Result{}},
		{"a Singular install as texts", get("singular", "singular-token",
			"cl_id=102d365610c5506165491ff8395854&affiliate_id=2002&offer_id=1001&utc=2026-11-19+14%3A02%3A51&click_utc=2026-11-19+13%3A41%3A00"+
				"&longname=com.example.quizeight&aifa=38400000-8cf0-11bd-b23e-10b96e40000d&attribution_ip=203.0.113.9&touchpoint_ip=203.0.113.10"+
				"&attribution_country=US&sub4={sub4}&sub5={sub5}"), accepted},
		{"a Singular purchase in seconds", get("singular", "singular-token",
			"cl_id=102d365610c5506165491ff8395855&goal_id=31&event_name=__iap__&utc=1795096985&click_utc=1795096380&install_utc=1795096980&amount=4.99"+
				"&currency=USD&event_attrs=%7B%22sku%22%3A%22gems%22%7D"), accepted},
		{"an install that Singular rejects", get("singular", "singular-token",
			"cl_id=102d365610c5506165491ff8395856&offer_id=1001&utc=2026-11-19+14%3A02%3A51&is_rejected=1&reject_reason=Blacklisted+IPs"), ingest.Result{}},
		{"a purchase of any other sender, its amount in another country's notation", get("generic", "generic-token",
			"transaction_id=102d365610c5506165491ff8395857&goal_id=31&event_name=purchase&event_id=o1&event_at=2026-11-19T14%3A03%3A05Z&amount=1.234%2C56"+
				"&currency=EUR"), accepted},
		{"an install that another sender rejects", get("generic", "generic-token",
			"click_id=102d365610c5506165491ff8395858&installed_at=1795096980&is_rejected=YES"), ingest.Result{}},
		{"a Kochava install as JSON", ingest.Request{Source: "kochava", Token: "kochava-token", Method: "POST",
			Headers: map[string]string{"content-type": "application/json"},
			Body: `{"click_id":"102d365610c5506165491ff8395860","site_id":2002,"offer_id":"1001","event_name":"_install","event_time":"2026-11-19 14:02:51",` +
				`"device":{"model":"Pixel 8"},"idfa":null}`}, accepted},
	}
}

func get(source, token, query string) ingest.Request {
	return ingest.Request{Source: source, Token: token, Method: "GET", RawQuery: query, Headers: map[string]string{}}
}

// goldenRouter is the shipped routes file under a version that does not change with it.
type goldenRouter struct{ *route.Set }

func (goldenRouter) Version() string { return "1-0123abcd" }

// Source gives the shipped source the tokens of the samples.
func (r goldenRouter) Source(name string) (ingest.Source, bool) {
	source, known := r.Set.Source(name)
	if known {
		source.TokenHashes = [2][sha256.Size]byte{sha256.Sum256([]byte(name + "-token"))}
		source.Networks = append(source.Networks, netip.MustParsePrefix("198.51.100.0/24"))
	}
	if name == "adjust" {
		source.Networks = nil
	}
	return source, known
}

// scripted answers the samples' postbacks, each by its transaction.
type scripted struct {
	expand  func(variables map[string]string) string
	results map[string]ingest.Result
}

func (s scripted) Send(_ context.Context, variables map[string]string) ingest.Result {
	result := s.results[variables["transaction_id"]]
	result.URL = s.expand(variables)
	return result
}

// The golden records are made by the real way through receiver, message, forwarder and encoders, from the shipped routes file.
func TestRecordsAreGolden(t *testing.T) {
	set, err := route.Load(filepath.Join("..", "deploy", "routes.yaml"), route.Options{})
	if err != nil {
		t.Fatal(err)
	}
	postbacks, attempts := playSamples(t, goldenRouter{set})
	compareGolden(t, "postbacks.ndjson", postbacks)
	compareGolden(t, "forwards.ndjson", attempts)
}

func playSamples(t *testing.T, router goldenRouter) (postbacks, attempts []byte) {
	t.Helper()
	base := time.Date(2026, 11, 19, 14, 3, 7, 0, time.UTC)
	queue, archived, recorded := &memoryQueue{}, &memoryArchive{}, &memoryArchive{}
	meter := ingest.NewMeter(io.Discard, time.Now)
	results := map[string]ingest.Result{}
	for i, s := range samples() {
		id := fmt.Sprintf("019fa9f1-3c00-7000-8000-%012x", i+1)
		receiver := &ingest.Receiver{Sources: router, Queue: queue, NewID: func(time.Time) string { return id }, Meter: meter}
		s.request.ReceivedAt = base.Add(time.Duration(i) * time.Second)
		s.request.SourceIP, s.request.UserAgent = "198.51.100.7", "sample/1.0"
		if _, err := receiver.Receive(t.Context(), s.request); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		transaction := ingest.Params.First(append(ingest.ParseParams(s.request.RawQuery), ingest.ParseParams(s.request.Body)...))
		results[transaction["clickid"]+transaction["click_id"]+transaction["cl_id"]+transaction["transaction_id"]] = s.result
	}
	attempt, tick := 0, 0
	forwarder := &ingest.Forwarder{
		Router: router, Destinations: map[string]ingest.Destination{}, Postbacks: archived, Attempts: recorded, Meter: meter, MaxReceives: 5,
		NewID: func(time.Time) string { attempt++; return fmt.Sprintf("019fa9f1-3e00-7000-8000-%012x", 0xa0+attempt) },
		Now:   func() time.Time { tick++; return base.Add(20*time.Second + time.Duration(tick)*10*time.Millisecond) },
	}
	for _, destination := range router.Destinations {
		forwarder.Destinations[destination.Name] = ingest.Destination{Concurrency: 1, Timeout: time.Second, Sender: scripted{
			results: results, expand: func(variables map[string]string) string {
				url, err := destination.Expand(variables, nil)
				if err != nil {
					t.Fatal(err)
				}
				return url
			}}}
	}
	for i, message := range queue.messages { // one a batch, so that the order of the lines is the order of the samples
		forwarder.Forward(t.Context(), []ingest.Delivery{{MessageID: fmt.Sprintf("00000000-0000-4000-8000-%012x", i+1), ReceiveCount: 1, Body: message}})
	}
	return bytes.Join(archived.lines, nil), bytes.Join(recorded.lines, nil)
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("..", "records", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	if len(gotLines) != len(wantLines) {
		t.Fatalf("%s has %d lines, the encoder makes %d", name, len(wantLines)-1, len(gotLines)-1)
	}
	for i := range gotLines {
		if gotLines[i] != wantLines[i] {
			t.Errorf("%s line %d differs from what the encoder makes; if that is meant: go test ./ingest -run Golden -update\n got %.2000s\nwant %.2000s",
				name, i+1, gotLines[i], wantLines[i])
		}
	}
}
