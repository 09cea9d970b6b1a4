package traffic_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"backstop/ingest"
	"backstop/ingest/route"
	forwarding "backstop/ingest/tune"
	"backstop/local/clock"
	"backstop/local/traffic"
	"backstop/local/tune"
)

const networkToken = "network-token"

// world is a front before the real receiver and forwarder under the real routes, with a queue in memory between them and without an
// archive, and the TUNE stand-in behind.
type world struct {
	t         *testing.T
	clock     *clock.Clock
	tune      *tune.Server
	tuneAt    string
	player    *traffic.Player
	plan      *traffic.Plan
	receiver  *ingest.Receiver
	forwarder *ingest.Forwarder

	answered map[string]ingest.ReceiptStatus // by postback id
	queue    []ingest.Delivery
	twice    bool
	failNext int
}

func newWorld(t *testing.T, plan *traffic.Plan) *world {
	t.Helper()
	c := clock.At(plan.Opening)
	account := tune.New(tune.Config{Clock: c, Zone: newYork(t), Seed: plan.Seed, NetworkToken: networkToken, WidestDays: 31})
	tuneServer := httptest.NewServer(account)
	t.Cleanup(tuneServer.Close)
	w := &world{t: t, clock: c, tune: account, tuneAt: tuneServer.URL, plan: plan, answered: map[string]ingest.ReceiptStatus{}}
	tokens := map[string]string{}
	for _, offer := range plan.Offers {
		tokens[offer.Source] = offer.Source + "-token"
	}
	w.ingest(routesTo(t, tuneServer.URL, tokens))
	front := httptest.NewServer(w)
	t.Cleanup(front.Close)
	w.player = traffic.NewPlayer(plan, traffic.Endpoints{
		Front: front.URL, Tokens: tokens, Tune: tuneServer.URL, TuneNetworkToken: networkToken,
	}, traffic.Hooks{Observe: w.observe, Drain: w.drain, Twice: func() { w.twice = true }}, c)
	return w
}

// routesTo is the routes file of the deployment, with these tokens and every destination at base.
func routesTo(t *testing.T, base string, tokens map[string]string) *route.Set {
	t.Helper()
	text, err := os.ReadFile("../../deploy/routes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var sections struct {
		Version               string
		Sources, Destinations map[string]map[string]any
		Routes                []any
	}
	if err := yaml.Unmarshal(text, &sections); err != nil {
		t.Fatal(err)
	}
	for name, source := range sections.Sources {
		hash := sha256.Sum256([]byte(tokens[name]))
		source["tokens"] = []string{"sha256:" + hex.EncodeToString(hash[:])}
	}
	for _, destination := range sections.Destinations {
		destination["base_url"] = base
	}
	if text, err = yaml.Marshal(sections); err != nil {
		t.Fatal(err)
	}
	set, err := route.Parse("routes.yaml", text, route.Options{AllowLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (w *world) ingest(set *route.Set) {
	meter := ingest.NewMeter(io.Discard, time.Now)
	w.receiver = &ingest.Receiver{Sources: set, Queue: w, NewID: ingest.NewID, Pause: ingest.Pause, Meter: meter}
	destinations := map[string]ingest.Destination{}
	for _, d := range set.Destinations {
		sender := &forwarding.Client{Template: d, HTTP: forwarding.NewHTTPClient(d.Concurrency, true)}
		destinations[d.Name] = ingest.Destination{Concurrency: d.Concurrency, Timeout: d.Timeout, Sender: sender}
	}
	w.forwarder = &ingest.Forwarder{
		Router: set, Destinations: destinations, Postbacks: nowhere{}, Attempts: nowhere{},
		NewID: ingest.NewID, Now: time.Now, MaxReceives: 5, Meter: meter,
	}
}

// nowhere is an archive that keeps nothing and never fails.
type nowhere struct{}

func (nowhere) Archive(context.Context, [][]byte) []error { return nil }

func (w *world) play(days ...string) {
	w.t.Helper()
	if err := w.player.Prepare(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	for _, day := range days {
		if err := w.player.PlayDay(w.t.Context(), day); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) truth(now time.Time) traffic.Truth {
	return traffic.NewTruth(w.plan, w.player.Journal(), w.tune.Journal(), now)
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Errorf("read a request: %v", err)
	}
	if w.failNext > 0 {
		w.failNext--
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	source, token, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/p/"), "/")
	receipt, err := w.receiver.Receive(r.Context(), ingest.Request{
		ReceivedAt: w.clock.Now(), Source: source, Token: token, Method: r.Method, RawQuery: r.URL.RawQuery,
		Headers: map[string]string{"content-type": r.Header.Get("Content-Type")}, Body: string(body),
		SourceIP: r.Header.Get("X-Backstop-Source-Ip"), UserAgent: r.UserAgent(),
	})
	if err != nil {
		w.t.Error(err)
	}
	w.answered[receipt.PostbackID] = receipt.Status
	if receipt.Status == ingest.TooLarge {
		rw.WriteHeader(http.StatusRequestEntityTooLarge)
	}
	_ = json.NewEncoder(rw).Encode(map[string]string{"status": string(receipt.Status), "postback_id": receipt.PostbackID})
}

// Send implements ingest.Queue; a full batch is forwarded at once, and not within the time of storing.
func (w *world) Send(ctx context.Context, message []byte) error {
	copies := 1
	if w.twice {
		copies, w.twice = 2, false
	}
	for range copies {
		w.queue = append(w.queue, ingest.Delivery{MessageID: fmt.Sprint(len(w.queue)), ReceiveCount: 1, Body: message})
	}
	if len(w.queue) < 10 {
		return nil
	}
	return w.drain(context.WithoutCancel(ctx))
}

func (w *world) drain(ctx context.Context) error {
	failures := w.forwarder.Forward(ctx, w.queue)
	w.queue = nil
	if len(failures) > 0 {
		return fmt.Errorf("forward: %d messages come again, one because %w", len(failures), failures[0].Reason)
	}
	return nil
}

func (w *world) observe(context.Context) error {
	for _, target := range []string{"Offer", "Goal"} {
		response, err := http.Get(w.tuneAt + "/Apiv3/json?NetworkToken=" + networkToken + "&Method=findAll&Target=" + target)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	return nil
}
