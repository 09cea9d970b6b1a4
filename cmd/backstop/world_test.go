package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"backstop/local/clock"
	"backstop/local/redshift/redshifttest"
	"backstop/local/s3"
	"backstop/local/secrets"
	"backstop/local/tune"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver
)

const networkToken = "NETverysecrettoken"

// world is what the command line talks to: an archive, a secret and TUNE, all in this process; startWarehouse adds the warehouse.
type world struct {
	t       *testing.T
	env     map[string]string
	tune    *httptest.Server
	clock   *clock.Clock                  // of TUNE
	archive func(key string, body []byte) // stores a file as if Firehose had
}

func newWorld(t *testing.T) *world {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := clock.At(noon())
	store, err := s3.Open("", "backstop-archive")
	if err != nil {
		t.Fatal(err)
	}
	secret := secrets.New(now, map[string]string{"backstop/tune": `{"network_id":"demo","network_token":"` + networkToken + `"}`})
	w := &world{t: t, clock: now, archive: func(key string, body []byte) {
		t.Helper()
		if err := store.Put(context.Background(), "backstop-archive", key, body, nil); err != nil {
			t.Fatal(err)
		}
	}}
	w.tune = serve(t, tune.New(tune.Config{Clock: now, Zone: zone, Seed: 7, NetworkID: "demo", NetworkToken: networkToken}))
	w.env = map[string]string{
		"BACKSTOP_ARCHIVE": "s3://backstop-archive", "BACKSTOP_TIME_ZONE": "America/New_York", "BACKSTOP_TUNE_API": w.tune.URL,
		"BACKSTOP_COPY_ROLE": "arn:aws:iam::000000000000:role/backstop-copy", "AWS_REGION": "us-east-1",
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "1",
		"AWS_ENDPOINT_URL_S3": serve(t, store).URL, "AWS_ENDPOINT_URL_SECRETS_MANAGER": serve(t, secret).URL,
	} {
		t.Setenv(name, value)
	}
	return w
}

func serve(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func (w *world) run(args ...string) outcome {
	w.t.Helper()
	return invoke(w.env, args...)
}

// must runs a command line that has to work.
func (w *world) must(args ...string) outcome {
	w.t.Helper()
	got := w.run(args...)
	if got.code != exitDone {
		w.t.Fatalf("%v: exit %d, %s", args, got.code, got.stderr)
	}
	return got
}

// startWarehouse starts the Redshift stand-in; the archive is the one that it reads from then on.
func (w *world) startWarehouse(options ...redshifttest.Option) {
	w.t.Helper()
	standIn := redshifttest.Start(w.t, options...)
	w.env["BACKSTOP_WAREHOUSE_DSN"] = standIn.DSN
	w.t.Setenv("AWS_ENDPOINT_URL_S3", standIn.S3Endpoint)
	w.archive = func(key string, body []byte) {
		w.t.Helper()
		standIn.Put(key, body)
	}
}

// migrated is a world whose warehouse has its schema.
func migrated(t *testing.T, options ...redshifttest.Option) *world {
	t.Helper()
	w := newWorld(t)
	w.startWarehouse(options...)
	if got := w.run("migrate"); got.code != exitDone {
		t.Fatalf("migrate: exit %d, %s", got.code, got.stderr)
	}
	return w
}

// count asks the warehouse for a number.
func (w *world) count(query string) int {
	w.t.Helper()
	db, err := sqlx.Connect("postgres", w.env["BACKSTOP_WAREHOUSE_DSN"])
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.Get(&n, query); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// exec runs a statement in the warehouse.
func (w *world) exec(statement string) {
	w.t.Helper()
	db, err := sqlx.Connect("postgres", w.env["BACKSTOP_WAREHOUSE_DSN"])
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		w.t.Fatal(err)
	}
}

// convert books a conversion of the first offer through TUNE's API.
func (w *world) convert(at time.Time) {
	w.t.Helper()
	defer w.clock.Set(w.clock.Now())
	w.clock.Set(at)
	params := url.Values{"NetworkToken": {networkToken}, "Target": {"Conversion"}, "Method": {"create"}, "data[offer_id]": {"1001"}}
	response, err := http.PostForm(w.tune.URL+"/Apiv3/json", params)
	if err != nil {
		w.t.Fatal(err)
	}
	response.Body.Close()
}

// createOffer makes an offer through TUNE's API.
func (w *world) createOffer(name string) {
	w.t.Helper()
	params := url.Values{
		"NetworkToken": {networkToken}, "Target": {"Offer"}, "Method": {"create"},
		"data[name]": {name}, "data[advertiser_id]": {"301"}, "data[default_payout]": {"2.00"}, "data[max_payout]": {"2.60"},
		"data[status]": {"active"}, "data[offer_url]": {"https://mmp.example/app?clickid={transaction_id}"},
	}
	response, err := http.PostForm(w.tune.URL+"/Apiv3/json", params)
	if err != nil {
		w.t.Fatal(err)
	}
	response.Body.Close()
}

// click makes a click on the first offer.
func (w *world) click() {
	w.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(w.tune.URL + "/aff_c?offer_id=1001&aff_id=2002")
	if err != nil {
		w.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusFound {
		w.t.Fatalf("the click: status %d", response.StatusCode)
	}
}
