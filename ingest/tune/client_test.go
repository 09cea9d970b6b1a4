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
