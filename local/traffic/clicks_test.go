package traffic_test

import (
	"slices"
	"testing"
	"time"

	"backstop/local/traffic"
)

// A click that TUNE must answer may not fall into a pause of its offer, also not into one of the day before: seeds differ in who clicks early.
func TestNoClickFallsIntoAPause(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(20) {
		plan, err := traffic.NewPlan(traffic.Config{Seed: seed, Days: []string{"2026-11-19", "2026-11-20", "2026-11-21"}, Location: zone, RequestsPerDay: 2000})
		if err != nil {
			t.Fatal(err)
		}
		steps := slices.Clone(plan.Steps)
		slices.SortStableFunc(steps, func(a, b traffic.Step) int { return a.At.Compare(b.At) })
		paused := map[int]bool{}
		for _, step := range steps {
			switch {
			case step.Change != nil && step.Change.Field == "status":
				paused[step.Change.Offer] = step.Change.Value != "active"
			case step.Click != nil && paused[step.Click.Offer]:
				t.Errorf("seed %d: step %d clicks on an offer that is paused", seed, step.ID)
			}
		}
	}
}
