package tune_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"backstop/ingest"
)

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
