package eventsource_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"sync/atomic"
	"testing"

	"backstop/local/eventsource"
	"backstop/local/firehose"
	"backstop/local/lambdahost"
	"backstop/local/sqs"
)

func TestAPostbackGoesFromTheFrontToTheArchiveAndToTUNE(t *testing.T) {
	t.Parallel()
	i := newIngest(t)
	status, accepted := i.postback(t, token, url.Values{"clickid": {"accepted"}, "AF_Siteid": {"a b"}})
	_, rejected := i.postback(t, token, url.Values{"clickid": {"rejected"}})
	_, broken := i.postback(t, token, url.Values{"clickid": {"broken"}})
	_, withheld := i.postback(t, token, url.Values{"clickid": {"accepted"}, "is_rejected": {"true"}})
	forgedStatus, forged := i.postback(t, "forged", url.Values{"clickid": {"accepted"}})
	if status != 200 || forgedStatus != 200 {
		t.Fatalf("answers %d and, to a wrong token, %d; want 200", status, forgedStatus)
	}
	i.drain(t)

	verified := map[string]bool{}
	for _, line := range i.lines(t, "postbacks") {
		verified[line["postback_id"].(string)] = line["verified"].(bool)
		if line["received_at"] != "2026-11-19T12:00:00.000000Z" {
			t.Errorf("received_at = %v, want the front's time", line["received_at"])
		}
	}
	outcome := map[string]string{}
	for _, line := range i.lines(t, "forwards") {
		if line["final"] == true {
			outcome[line["postback_id"].(string)] = line["outcome"].(string)
		}
	}
	for _, test := range []struct {
		name, id, outcome string
		verified          bool
		least             int // requests to TUNE; more are possible, none become some is not
	}{
		{"accepted", accepted, "accepted", true, 1},
		{"rejected by TUNE", rejected, "rejected", true, 1},
		{"always 500", broken, "expired", true, 5}, // maxReceiveCount
		{"rejected by the MMP", withheld, "withheld", true, 0},
		{"with a wrong token", forged, "", false, 0},
	} {
		requests := i.tune.requests(test.id)
		if got, archived := verified[test.id]; !archived || got != test.verified || outcome[test.id] != test.outcome {
			t.Errorf("%s: archived %v, verified %v, outcome %q; want verified %v, %q", test.name, archived, got, outcome[test.id], test.verified, test.outcome)
		}
		if requests < test.least || test.least == 0 && requests > 0 {
			t.Errorf("%s: %d requests to TUNE, want %d", test.name, requests, test.least)
		}
	}
	if depth := i.queues.Queue("backstop-postbacks-dlq").Depth(); !depth.Empty() {
		t.Errorf("dead-letter queue = %+v; it is for our own faults only", depth)
	}
}

func TestAPostbackThatTheQueueRefusesIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	i := newIngest(t)
	i.queues.SetFaults(sqs.Faults{RefuseEvery: 1})
	status, _ := i.postback(t, token, url.Values{"clickid": {"accepted"}})
	if depth := i.queues.Queue("backstop-postbacks").Depth(); status < 500 || !depth.Empty() {
		t.Errorf("answer %d with %+v in the queue; want 5xx and nothing", status, depth)
	}
}

// crashes is a function that counts the invocations which a crash ended.
type crashes struct {
	*lambdahost.Host
	count atomic.Int64
}

func (c *crashes) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	answer, err := c.Host.Invoke(ctx, payload)
	if failed := new(lambdahost.FunctionError); errors.As(err, &failed) && failed.Type == "Runtime.ExitError" {
		c.count.Add(1)
	}
	return answer, err
}

var _ eventsource.Function = (*crashes)(nil)

func TestKillForwardInMidBatchLosesNothing(t *testing.T) {
	t.Parallel()
	const seed, postbacks = 20261119, 300
	random := rand.New(rand.NewPCG(seed, 0))
	i := newIngest(t)
	i.queues.SetFaults(sqs.Faults{Seed: seed, DuplicateEvery: 10, ForgetEvery: 20})
	i.streams.SetFaults(firehose.Faults{Seed: seed, FailEvery: 10})
	function := &crashes{Host: i.forward}
	i.mapping.Function = function
	kills := map[int]bool{} // by the number of the request at which TUNE sees forward die
	for len(kills) < 4 {
		kills[1+random.IntN(150)] = true
	}
	i.tune.onCall = func(n int) {
		if kills[n] {
			i.forward.Kill()
		}
	}

	stored := map[string]string{} // the ledger: what was answered with 200
	for range postbacks {
		kind := []string{"accepted", "accepted", "accepted", "rejected", "broken"}[random.IntN(5)]
		status, id := i.postback(t, token, url.Values{"clickid": {kind}})
		if status != 200 {
			t.Fatalf("answer %d", status)
		}
		stored[id] = kind
	}
	i.drain(t)

	archived, settled := map[string]bool{}, map[string]bool{}
	for _, line := range i.lines(t, "postbacks") {
		archived[line["postback_id"].(string)] = true
	}
	for _, line := range i.lines(t, "forwards") {
		if line["final"] == true {
			settled[line["postback_id"].(string)] = true
		}
	}
	for id, kind := range stored {
		switch {
		case !archived[id]:
			t.Errorf("%s (%s) is not in the archive", id, kind)
		case !settled[id]:
			t.Errorf("%s (%s) has no final outcome", id, kind)
		case i.tune.requests(id) == 0:
			t.Errorf("%s (%s) was never sent to TUNE", id, kind)
		}
	}
	if n := function.count.Load(); n == 0 {
		t.Error("no batch was interrupted; the test shows nothing")
	}
	t.Logf("%d stored, %d requests to TUNE, %d batches interrupted", len(stored), i.tune.calls, function.count.Load())
}
