package traffic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"backstop/local/clock"
	"backstop/local/traffic"
	"backstop/local/tune"
)

// world is a front with a queue before the TUNE stand-in: what Backstop does with a postback, in a few lines and without keeping anything.
type world struct {
	t      *testing.T
	tune   *tune.Server
	tuneAt string
	player *traffic.Player
	plan   *traffic.Plan

	answered map[string]int // postback ids by answer
	queue    []string       // URLs of TUNE
	twice    bool
	failNext int
	serial   int
}

func tokens() map[string]string {
	return map[string]string{"appsflyer": "appsflyer-token", "adjust": "adjust-token", "nosuchmmp": "nosuchmmp-token"}
}

func newWorld(t *testing.T, plan *traffic.Plan) *world {
	t.Helper()
	c := clock.At(plan.Opening)
	account := tune.New(tune.Config{Clock: c, Zone: newYork(t), Seed: plan.Seed, NetworkToken: "network-token"})
	tuneServer := httptest.NewServer(account)
	t.Cleanup(tuneServer.Close)
	w := &world{t: t, tune: account, tuneAt: tuneServer.URL, plan: plan, answered: map[string]int{}}
	front := httptest.NewServer(w)
	t.Cleanup(front.Close)
	w.player = traffic.NewPlayer(plan, traffic.Endpoints{
		Front: front.URL, Tokens: tokens(), Tune: tuneServer.URL, TuneNetworkToken: "network-token",
	}, traffic.Hooks{Observe: w.observe, Drain: w.drain, Twice: func() { w.twice = true }}, c)
	return w
}

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
	w.serial++
	id := fmt.Sprintf("0190-%06d", w.serial)
	status, word := http.StatusOK, "stored"
	if len(body)+len(r.URL.RawQuery) > 256<<10 {
		status, word = http.StatusRequestEntityTooLarge, "too_large"
	} else {
		w.accept(id, r, string(body))
	}
	w.answered[id] = status
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(map[string]string{"status": word, "postback_id": id})
}

// accept queues what a trusted source does not reject.
func (w *world) accept(id string, r *http.Request, body string) {
	source, token, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/p/"), "/")
	q := lenient(r.URL.RawQuery + "&" + body)
	rejected := q["is_rejected"] == "1" || q["rejection_reason"] != ""
	if token != source+"-token" || source == "nosuchmmp" || rejected {
		return
	}
	call := url.Values{"transaction_id": {q["clickid"] + q["click_id"]}, "adv_sub": {id}, "amount": {q["event_revenue"] + q["revenue_float"]}}
	path := "/aff_lsr?"
	if q["goal_id"] != "" {
		path = "/aff_goal?a=lsr&"
		call.Set("goal_id", q["goal_id"])
	}
	w.queue = append(w.queue, w.tuneAt+path+call.Encode())
	if w.twice {
		w.queue = append(w.queue, w.tuneAt+path+call.Encode())
		w.twice = false
	}
	if len(w.queue) >= 10 {
		if err := w.drain(r.Context()); err != nil {
			w.t.Error(err)
		}
	}
}

// lenient reads parameters of which some cannot be unescaped; the first of a key wins.
func lenient(query string) map[string]string {
	q := map[string]string{}
	for _, pair := range strings.Split(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(value); err == nil && q[key] == "" {
			q[key] = plain
		}
	}
	return q
}

func (w *world) drain(context.Context) error {
	for _, address := range w.queue {
		response, err := http.Get(address)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	w.queue = nil
	return nil
}

func (w *world) observe(context.Context) error {
	for _, target := range []string{"Offer", "Goal"} {
		response, err := http.Get(w.tuneAt + "/Apiv3/json?NetworkToken=network-token&Method=findAll&Target=" + target)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	return nil
}
