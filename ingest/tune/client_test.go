package tune_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"backstop/ingest"
	"backstop/ingest/tune"
)

var _ ingest.Sender = (*tune.Client)(nil)

// address fills a URL as a destination would, in a fixed form.
type address string

func (a address) Expand(variables, secrets map[string]string) (string, error) {
	query := url.Values{}
	for _, values := range []map[string]string{variables, secrets} {
		for name, value := range values {
			query.Set(name, value)
		}
	}
	return string(a) + "/aff_lsr?" + query.Encode(), nil
}

// vault knows one secret, or none.
type vault struct {
	value string
	err   error
}

func (v vault) Secret(context.Context, string, string) (string, error) { return v.value, v.err }

func client(base string) *tune.Client {
	return &tune.Client{Template: address(base), Secrets: vault{}, HTTP: tune.NewHTTPClient(2, true)}
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func send(t *testing.T, c *tune.Client) ingest.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return c.Send(ctx, map[string]string{"transaction_id": "102"})
}

func TestTheBodyDecides(t *testing.T) {
	const html = "<html><body>success=true;</body></html>"
	tests := []struct {
		body    string
		outcome ingest.Outcome
		reason  string
	}{
		{"success=true;", ingest.Accepted, ""},
		{"success=true", ingest.Accepted, ""},
		{" Success=TRUE; \r\n", ingest.Accepted, ""},
		{"success=true; transaction_id=1;", ingest.Accepted, ""},
		{"success=false; err_msg=Invalid Trans. ID #1027c887059b47b.;", ingest.Rejected, "Invalid Trans. ID #1027c887059b47b."},
		{"success=false;err_msg=Invalid Trans. ID #.;", ingest.Rejected, "Invalid Trans. ID #."},
		{"success=false; err_msg=Duplicate conversion.;", ingest.Duplicate, "Duplicate conversion."},
		{"success=false; err_msg=duplicate Conversion;", ingest.Duplicate, "duplicate Conversion"},
		{"success=false; err_msg=Conversion already exists;", ingest.Duplicate, "Conversion already exists"},
		{"success=false; err_msg=Invalid Offer ID #9.;", ingest.Rejected, "Invalid Offer ID #9."},
		{"success=false; err_msg=Something never heard of.;", ingest.Rejected, "Something never heard of."},
		{"success=false; err_msg=Service temporarily unavailable.;", ingest.Transient, "Service temporarily unavailable."},
		{"success=false; err_msg=Database error, please try again;", ingest.Transient, "Database error, please try again"},
		{"success=false; err_msg=Internal error;", ingest.Transient, "Internal error"},
		{"success=false;", ingest.Rejected, ""},
		{"success=false", ingest.Rejected, ""},
		{"", ingest.Unknown, "an empty answer"},
		{" \n", ingest.Unknown, "an empty answer"},
		{html, ingest.Unknown, "an answer that is not TUNE's"},
		{"OK", ingest.Unknown, "an answer that is not TUNE's"},
		{"success=trueish", ingest.Unknown, "an answer that is not TUNE's"},
		{"success=falsehood", ingest.Unknown, "an answer that is not TUNE's"},
		{`{"success":true}`, ingest.Unknown, "an answer that is not TUNE's"},
		{"\x1f\x8b\x00\xff", ingest.Unknown, "an answer that is not TUNE's"},
	}
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, test.body) })
			got := send(t, client(base))
			if got.Outcome != test.outcome || got.Reason != test.reason || got.StatusCode != 200 || got.Response != test.body {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Every status there is, each with three bodies: TUNE's yes, TUNE's no, and a page of something else.
func TestEveryStatus(t *testing.T) {
	const yes, no, page = "success=true;", "success=false; err_msg=Invalid Trans. ID #1.;", "<html></html>"
	for status := 200; status < 600; status++ {
		want := map[string]ingest.Outcome{yes: ingest.Accepted, no: ingest.Rejected, page: ingest.Unknown}
		switch {
		case status == 204 || status == 304:
			want = map[string]ingest.Outcome{"": ingest.Unknown} // HTTP forbids them a body
		case status == 408 || status == 423 || status == 425 || status == 429 || status >= 500:
			want = map[string]ingest.Outcome{yes: ingest.Transient, no: ingest.Transient, page: ingest.Transient}
		case status >= 400:
			want[page] = ingest.Rejected
		case status >= 300:
			want = map[string]ingest.Outcome{yes: ingest.Unknown, no: ingest.Unknown, page: ingest.Unknown}
		}
		for body, outcome := range want {
			c := client("http://127.0.0.1")
			c.HTTP = &http.Client{Transport: canned{status, body}, CheckRedirect: c.HTTP.CheckRedirect}
			if got := send(t, c); got.Outcome != outcome || got.StatusCode != status {
				t.Errorf("%d %q: %s (%s)", status, body, got.Outcome, got.Reason)
			}
		}
	}
}

// canned answers everything alike, and as sent.
type canned struct {
	status int
	body   string
}

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	header := http.Header{"Location": {"https://elsewhere.example.org/"}}
	return &http.Response{StatusCode: c.status, Header: header, Body: io.NopCloser(strings.NewReader(c.body))}, nil
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var followed atomic.Bool
	other := serve(t, func(http.ResponseWriter, *http.Request) { followed.Store(true) })
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, http.StatusFound) })
	if got := send(t, client(base)); got.Outcome != ingest.Unknown || got.StatusCode != 302 || followed.Load() {
		t.Errorf("got %+v, followed %v", got, followed.Load())
	}
}

func TestItIsOneGET(t *testing.T) {
	var requests []string
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r.Method+" "+r.URL.String())
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	send(t, client(base))
	if len(requests) != 1 || requests[0] != "GET /aff_lsr?transaction_id=102" {
		t.Errorf("got %q", requests)
	}
}

func TestFailuresBeforeAndAfterItWasSent(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	hangUp := func(w http.ResponseWriter, write string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, write)
		conn.Close()
	}
	tests := []struct {
		name    string
		base    string
		outcome ingest.Outcome
		reason  string
	}{
		{"nobody listens", "http://" + closed.Addr().String(), ingest.Transient, "not sent: "},
		{"no answer", serve(t, func(w http.ResponseWriter, _ *http.Request) { hangUp(w, "") }), ingest.Unknown, "sent, but not answered: "},
		{"half an answer", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			hangUp(w, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nsuccess=")
		}), ingest.Unknown, "sent, but not answered: "},
		{"no HTTP", serve(t, func(w http.ResponseWriter, _ *http.Request) { hangUp(w, "hello\r\n\r\n") }), ingest.Unknown, "sent, but not answered: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := send(t, client(test.base))
			if got.Outcome != test.outcome || !strings.HasPrefix(got.Reason, test.reason) {
				t.Errorf("%s: %s", got.Outcome, got.Reason)
			}
			if strings.Contains(got.Reason, "transaction_id") {
				t.Errorf("the reason shows the query: %s", got.Reason)
			}
		})
	}
}

func TestATimeoutAfterSendingIsUnknown(t *testing.T) {
	arrived, done := make(chan struct{}), make(chan struct{})
	base := serve(t, func(_ http.ResponseWriter, _ *http.Request) { close(arrived); <-done })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	got := client(base).Send(ctx, nil)
	close(done)
	if got.Outcome != ingest.Unknown || got.StatusCode != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestOnlyTheBeginningIsReadAndKept(t *testing.T) {
	wrote := make(chan int, 1)
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		total := 0
		for range 1 << 14 { // 64 MiB, were it read
			n, err := io.WriteString(w, "success=true;"+strings.Repeat("é", 2048))
			if total += n; err != nil {
				break
			}
		}
		wrote <- total
	})
	got := send(t, client(base))
	if got.Outcome != ingest.Accepted || len(got.Response) > 512 || len(got.Response) < 509 || strings.ToValidUTF8(got.Response, "") != got.Response {
		t.Errorf("%s, %d bytes kept", got.Outcome, len(got.Response))
	}
	if total := <-wrote; total > 32<<20 {
		t.Errorf("%d bytes were taken", total)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "success=true;") }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := client(server.URL)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for range 100 {
				if got := c.Send(t.Context(), nil); got.Outcome != ingest.Accepted {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
	workers.Wait()
	if opened.Load() > 2 {
		t.Errorf("%d connections for 200 sends, two at a time", opened.Load())
	}
}

func TestSecretsAreSentAndNotShown(t *testing.T) {
	var asked string
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query().Get("security_token")
		io.WriteString(w, "success=true;")
	})
	c := client(base)
	c.SecretNames, c.Secrets = map[string]tune.SecretName{"security_token": {Secret: "backstop/tune", Field: "security_token"}}, vault{value: "s3cret"}
	got := send(t, c)
	if asked != "s3cret" || got.URL != base+"/aff_lsr?security_token=REDACTED&transaction_id=102" || strings.Contains(fmt.Sprint(got), "s3cret") {
		t.Errorf("asked with %q, recorded %+v", asked, got)
	}
	c.Secrets = vault{err: errors.New("no such secret")}
	if got := send(t, c); got.Outcome != ingest.Transient || !strings.Contains(got.Reason, "no such secret") {
		t.Errorf("without the secret: %+v", got)
	}
}

// unfillable is a template that fails.
type unfillable struct{}

func (unfillable) Expand(_, _ map[string]string) (string, error) { return "", errors.New("no") }

func TestAURLThatCannotBeMadeIsFinal(t *testing.T) {
	c := client("")
	c.Template = unfillable{}
	if got := send(t, c); got.Outcome != ingest.Rejected || got.Reason == "" {
		t.Errorf("got %+v", got)
	}
}

func TestTheInsideIsNotReached(t *testing.T) {
	base := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("this machine was reached") })
	c := client(base)
	c.HTTP = tune.NewHTTPClient(1, false)
	if got := send(t, c); got.Outcome != ingest.Transient || !strings.Contains(got.Reason, "127.0.0.1 is not a public address") {
		t.Errorf("got %+v", got)
	}
	c = client("http://169.254.169.254/latest/meta-data")
	if got := send(t, c); got.Outcome != ingest.Transient || !strings.Contains(got.Reason, "169.254.169.254 is not a public address") {
		t.Errorf("the loopback switch opens more than loopback: %+v", got)
	}
}

func FuzzBody(f *testing.F) {
	for _, seed := range []string{"success=true;", "success=false; err_msg=Duplicate conversion.;", "<html>", "", "success=false;;;", "success"} {
		f.Add(200, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			t.Skip()
		}
		c := client("http://127.0.0.1")
		c.HTTP = &http.Client{Transport: canned{status, body}, CheckRedirect: c.HTTP.CheckRedirect}
		got := c.Send(t.Context(), nil)
		yes := strings.HasPrefix(strings.ToLower(strings.TrimSpace(body)), "success=true")
		switch {
		case got.Outcome == ingest.Accepted && !(yes && status < 500):
			t.Fatalf("%d %q is accepted", status, body)
		case got.Outcome == "" || got.Outcome == ingest.Withheld || got.Outcome == ingest.Expired:
			t.Fatalf("%d %q is %q", status, body, got.Outcome)
		case len(got.Reason) > 512 || len(got.Response) > 512:
			t.Fatalf("%d bytes of reason, %d of response", len(got.Reason), len(got.Response))
		}
	})
}
