package clock_test

import (
	"testing"
	"time"

	"backstop/local/clock"
)

func TestSimulatedClockStandsUntilItIsSet(t *testing.T) {
	noon := time.Date(2026, 11, 19, 12, 0, 0, 0, time.FixedZone("EST", -5*3600))
	c := clock.At(noon)
	if got := c.Now(); !got.Equal(noon) || got.Location() != time.UTC {
		t.Errorf("Now() = %v, want %v in UTC", got, noon.UTC())
	}
	c.Set(noon.Add(-time.Hour))
	if got := c.Now(); !got.Equal(noon.Add(-time.Hour)) {
		t.Errorf("after Set, Now() = %v, want an hour earlier", got)
	}
}

func TestRealClockBecomesSimulatedWhenItIsSet(t *testing.T) {
	c := clock.Real()
	before := time.Now()
	if got := c.Now(); got.Before(before) || c.Simulated() {
		t.Fatalf("real clock: Now() = %v before %v, Simulated() = %v", got, before, c.Simulated())
	}
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	c.Set(at)
	if !c.Simulated() || !c.Now().Equal(at) {
		t.Errorf("after Set: Simulated() = %v, Now() = %v", c.Simulated(), c.Now())
	}
}
