package traffic_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"backstop/local/traffic"
)

func newYork(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func newPlan(t *testing.T, seed uint64, requests int, days ...string) *traffic.Plan {
	t.Helper()
	plan, err := traffic.NewPlan(traffic.Config{Seed: seed, Days: days, Location: newYork(t), RequestsPerDay: requests})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func hashOf(t *testing.T, plan *traffic.Plan) string {
	t.Helper()
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// The plan of a seed is part of what a demo promises: a change of these hashes is a change of the traffic.
func TestSameSeedSamePlan(t *testing.T) {
	golden := map[uint64]string{1: "3bbc451786344adc", 2: "3157423b128a81ef"}
	for seed, want := range golden {
		if got := hashOf(t, newPlan(t, seed, 500, "2026-11-19", "2026-11-20")); got != want {
			t.Errorf("seed %d: plan %s, want %s", seed, got, want)
		}
	}
}

func TestEveryKindComesAtLeastFiveTimesADay(t *testing.T) {
	for _, requests := range []int{1, 500, 2000} {
		plan := newPlan(t, 3, requests, "2026-11-19", "2026-11-20", "2026-11-21")
		for _, row := range plan.Counts().Rows {
			for day, n := range row.On {
				if n < 5 {
					t.Errorf("%d requests: %s comes %d times on %s", requests, row.Kind, n, plan.Days[day])
				}
			}
		}
	}
}

func TestDaysHaveTheirRequests(t *testing.T) {
	for _, requests := range []int{500, 2000} {
		plan := newPlan(t, 4, requests, "2026-11-19", "2026-11-20", "2026-11-21")
		sent := map[string]int{}
		for _, step := range plan.Steps {
			if step.Request != nil {
				sent[step.At.In(newYork(t)).Format(time.DateOnly)]++
			}
		}
		if len(sent) != 3 {
			t.Errorf("requests fall on %v, want the three planned days", sent)
		}
		for day, n := range sent {
			if n < requests || n > requests+requests/5 {
				t.Errorf("%s has %d requests, want %d and not many more", day, n, requests)
			}
		}
	}
}

// Whoever plays a plan drains and observes in the last second of an hour, so nothing may be sent in it.
func TestStepsAreInOrderAndLeaveTheHoursEndFree(t *testing.T) {
	plan := newPlan(t, 5, 2000, "2026-10-31", "2026-11-01", "2026-11-02") // the second has 25 hours
	observations := 0
	for i, step := range plan.Steps {
		if step.ID != i || i > 0 && step.At.Before(plan.Steps[i-1].At) {
			t.Fatalf("step %d at %s is out of order", i, step.At)
		}
		if step.Request != nil && step.At.Minute() == 59 && step.At.Second() == 59 {
			t.Errorf("request %d (%s) at %s", step.ID, step.Kind, step.At)
		}
		if step.Observe {
			observations++
		}
	}
	if observations != 24+25+24+1 {
		t.Errorf("%d observations, want one an hour and one before", observations)
	}
}

func TestClicksComeBeforeWhatNeedsThem(t *testing.T) {
	plan := newPlan(t, 6, 500, "2026-11-19", "2026-11-20")
	for _, step := range plan.Steps {
		click := traffic.NoClick
		if step.Request != nil {
			click = step.Request.Click
		} else if step.Direct != nil {
			click = step.Direct.Click
		}
		if click == traffic.NoClick {
			continue
		}
		if plan.Steps[click].Click == nil || click >= step.ID {
			t.Fatalf("step %d (%s) needs click %d, which is step of kind %s", step.ID, step.Kind, click, plan.Steps[click].Kind)
		}
	}
}

func TestBadConfigurations(t *testing.T) {
	zone := newYork(t)
	for name, config := range map[string]traffic.Config{
		"no days":     {Location: zone, RequestsPerDay: 1},
		"no zone":     {Days: []string{"2026-11-19"}, RequestsPerDay: 1},
		"no date":     {Days: []string{"2026-11-31"}, Location: zone, RequestsPerDay: 1},
		"gap":         {Days: []string{"2026-11-19", "2026-11-21"}, Location: zone, RequestsPerDay: 1},
		"no requests": {Days: []string{"2026-11-19"}, Location: zone},
	} {
		if _, err := traffic.NewPlan(config); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCanariesAreWords(t *testing.T) {
	plan := newPlan(t, 7, 700, "2026-11-19")
	kinds := map[string]int{}
	for text, kind := range plan.Canaries() {
		kinds[kind]++
		for _, r := range text {
			if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
				t.Fatalf("canary %q is more than one word", text)
			}
		}
		if len(text) < 12 {
			t.Errorf("canary %q is too short to be told from chance", text)
		}
	}
	if kinds["device id"] < 500 || kinds["token"] < 15 || kinds["query string"] < 50 {
		t.Errorf("canaries by kind: %v", kinds)
	}
}

// Each source sends what its MMP sends, on each day.
func TestEverySourceSends(t *testing.T) {
	plan := newPlan(t, 8, 1000, "2026-11-19", "2026-11-20")
	requests, rejections, retries, methods := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	sources := map[string]bool{}
	for _, offer := range plan.Offers {
		sources[offer.Source] = true
	}
	for _, step := range plan.Steps {
		r := step.Request
		if r == nil || !sources[r.Source] {
			continue
		}
		day := step.At.In(newYork(t)).Format(time.DateOnly)
		requests[r.Source+" "+day]++
		if r.Rejects {
			rejections[r.Source]++
		}
		if step.Kind == traffic.SenderRetry {
			retries[r.Source]++
		}
		if r.Post && step.Kind != traffic.TooLarge {
			methods[r.Source]++
		}
	}
	if len(sources) != 6 || len(requests) != 12 {
		t.Errorf("sources %v, requests by source and day %v", sources, requests)
	}
	for key, n := range requests {
		if n < 50 {
			t.Errorf("%s: %d requests, want 50 or more", key, n)
		}
	}
	for source := range sources {
		if rejections[source] == 0 || retries[source] == 0 {
			t.Errorf("%s: %d rejections, %d retries, want some of each", source, rejections[source], retries[source])
		}
		if posts := source != "appsflyer" && source != "singular"; posts != (methods[source] > 0) {
			t.Errorf("%s sends %d form POSTs", source, methods[source])
		}
	}
}
