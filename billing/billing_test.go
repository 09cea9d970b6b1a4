package billing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"backstop/billing"
)

func parse(t *testing.T, text string) billing.Period {
	t.Helper()
	p, err := billing.ParsePeriod(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPeriodIsAMonthOfTheNetworksTimeZone(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ period, first, last, next, end string }{
		{"2026-11", "2026-11-01", "2026-11-30", "2026-12", "2026-12-01T05:00:00Z"},
		{"2026-10", "2026-10-01", "2026-10-31", "2026-11", "2026-11-01T04:00:00Z"}, // the clock goes back on the day that begins there
		{"2024-02", "2024-02-01", "2024-02-29", "2024-03", "2024-03-01T05:00:00Z"},
		{"2026-12", "2026-12-01", "2026-12-31", "2027-01", "2027-01-01T05:00:00Z"},
	} {
		p := parse(t, want.period)
		got := []string{p.String(), p.FirstDay(), p.LastDay(), p.Next().String(), p.End(zone).UTC().Format(time.RFC3339)}
		if !slices.Equal(got, []string{want.period, want.first, want.last, want.next, want.end}) {
			t.Errorf("%s: %v", want.period, got)
		}
		if !p.Before(p.Next()) || p.Next().Before(p) {
			t.Errorf("%s does not come before %s", p, p.Next())
		}
	}
	for _, wrong := range []string{"", "2026", "2026-13", "2026-11-01", "November"} {
		if _, err := billing.ParsePeriod(wrong); err == nil || !strings.Contains(err.Error(), "2026-11") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestReadinessNamesEveryObjection(t *testing.T) {
	settled := time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC)
	ready := billing.Readiness{Period: parse(t, "2026-11"), LandedUntil: settled, TuneAskedAt: settled}
	if objections := ready.Objections(time.UTC); len(objections) != 0 {
		t.Errorf("nothing stands against it, but: %v", objections)
	}
	for words, spoil := range map[string]func(*billing.Readiness){
		"2026-10 is still open":             func(r *billing.Readiness) { r.EarlierOpen = []string{"2026-10"} },
		"wait for 2026-12-08":               func(r *billing.Readiness) { r.LandedUntil = settled.Add(-time.Second) },
		"about 2026-11-30 is of 2026-11-30": func(r *billing.Readiness) { r.TuneAskedAt = time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC) },
		"is of no time":                     func(r *billing.Readiness) { r.TuneAskedAt = time.Time{} },
		"rebuilt 2026-11-03, 2026-11-04":    func(r *billing.Readiness) { r.DaysNotRebuilt = []string{"2026-11-03", "2026-11-04"} },
		"2 landed partitions":               func(r *billing.Readiness) { r.LoadsNotTaken = 2 },
		"7 conversions are in flight":       func(r *billing.Readiness) { r.InFlight = 7 },
	} {
		r := ready
		spoil(&r)
		if objections := r.Objections(time.UTC); len(objections) != 1 || !strings.Contains(objections[0], words) {
			t.Errorf("%q is not the one objection of %q", words, objections)
		}
	}
}

func TestMoneyIsWrittenInTheDecimalsOfItsCurrency(t *testing.T) {
	for _, c := range []struct {
		decimal  string
		decimals int
		want     string
	}{
		{"12.340000", 2, "12.34"}, {"12", 2, "12.00"}, {"-0.500000", 2, "-0.50"}, {"21.000000", 0, "21"}, {"1.2345", 2, "1.2345"}, {"0.100000", 3, "0.100"},
	} {
		if got := billing.Money(c.decimal, c.decimals); got != c.want {
			t.Errorf("Money(%s, %d) = %s, want %s", c.decimal, c.decimals, got, c.want)
		}
	}
}

func TestDecisionsNeedAPersonAndAReason(t *testing.T) {
	whole := billing.Decision{ConversionID: "c", Verdict: billing.Billable, Reason: "seen", By: "Ada"}
	if err := whole.Validate(); err != nil {
		t.Error(err)
	}
	for words, spoil := range map[string]func(*billing.Decision){
		"conversion_id": func(d *billing.Decision) { d.ConversionID = "" },
		"no decision":   func(d *billing.Decision) { d.Verdict = "yes" },
		"its reason":    func(d *billing.Decision) { d.Reason = " " },
		"at most 1000":  func(d *billing.Decision) { d.Reason = strings.Repeat("x", 1001) },
		"the name":      func(d *billing.Decision) { d.By = "" },
	} {
		d := whole
		spoil(&d)
		if err := d.Validate(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q is not in %v", words, err)
		}
	}
}
