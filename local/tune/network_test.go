package tune_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"backstop/local/clock"
	"backstop/local/tune"
)

const token = "test-network-token"

// network is a running stand-in with the calls that a test makes.
type network struct {
	t     *testing.T
	tune  *tune.Server
	clock *clock.Clock
	url   string
	http  *http.Client
}

func start(t *testing.T, change ...func(*tune.Config)) *network {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	c := clock.At(time.Date(2026, 11, 19, 15, 30, 0, 0, time.UTC))
	config := tune.Config{Clock: c, Zone: zone, Seed: 7, NetworkID: "demo", NetworkToken: token}
	for _, f := range change {
		f(&config)
	}
	server := tune.New(config)
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &network{t: t, tune: server, clock: c, url: listening.URL, http: client}
}

func (n *network) get(pathAndQuery string) *http.Response {
	n.t.Helper()
	response, err := n.http.Get(n.url + pathAndQuery)
	if err != nil {
		n.t.Fatalf("GET %s: %v", pathAndQuery, err)
	}
	n.t.Cleanup(func() { response.Body.Close() })
	return response
}

func (n *network) text(pathAndQuery string) string {
	n.t.Helper()
	body, err := io.ReadAll(n.get(pathAndQuery).Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return string(body)
}

// answer is the response part of an API call.
type answer struct {
	Status       int             `json:"status"`
	Data         json.RawMessage `json:"data"`
	ErrorMessage string          `json:"errorMessage"`
	Errors       []struct {
		Attribute string `json:"attribute_name"`
	} `json:"errors"`
}

func (n *network) api(target, method string, pairs ...string) answer {
	n.t.Helper()
	form := url.Values{"NetworkToken": {token}, "Target": {target}, "Method": {method}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	var envelope struct{ Response answer }
	if err := json.Unmarshal([]byte(n.text("/Apiv3/json?"+form.Encode())), &envelope); err != nil {
		n.t.Fatalf("%s::%s: %v", target, method, err)
	}
	return envelope.Response
}

// create makes an active offer or goal with the given fields and returns its id.
func (n *network) create(target string, pairs ...string) string {
	n.t.Helper()
	wrapped := []string{"data[name]", "made by a test", "data[status]", "active"}
	for i := 0; i < len(pairs); i += 2 {
		wrapped = append(wrapped, "data["+pairs[i]+"]", pairs[i+1])
	}
	got := n.api(target, "create", wrapped...)
	var id string
	if err := json.Unmarshal(got.Data, &id); err != nil || id == "" {
		n.t.Fatalf("%s::create answered %s (%s)", target, got.Data, got.ErrorMessage)
	}
	return id
}

func (n *network) set(target, id, field, value string) {
	n.t.Helper()
	if got := n.api(target, "updateField", "id", id, "field", field, "value", value); string(got.Data) != "true" {
		n.t.Fatalf("%s::updateField %s answered %s (%s)", target, field, got.Data, got.ErrorMessage)
	}
}

// click follows no redirect and returns the transaction id of its Location.
func (n *network) click(offer string) string {
	n.t.Helper()
	response := n.get("/aff_c?offer_id=" + offer + "&aff_id=2002&aff_sub=one")
	if response.StatusCode != http.StatusFound {
		n.t.Fatalf("click on offer %s: status %d", offer, response.StatusCode)
	}
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil {
		n.t.Fatal(err)
	}
	return location.Query().Get("clickid")
}

func (n *network) lastRow() tune.Conversion {
	n.t.Helper()
	rows := n.tune.Journal().Conversions
	if len(rows) == 0 {
		return tune.Conversion{}
	}
	return rows[len(rows)-1]
}

const trackingLink = "https://mmp.example/app?clickid={transaction_id}&af_c_id={offer_id}&af_siteid={affiliate_id}&sub={aff_sub}"

func (n *network) offer(pairs ...string) string {
	n.t.Helper()
	return n.create("Offer", append([]string{
		"offer_url", trackingLink, "default_payout", "2", "max_payout", "2.60", "session_hours", "168",
	}, pairs...)...)
}

func assertContains(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q does not contain %q", text, part)
	}
}
