package redshift_test

import (
	"context"
	"fmt"
	"testing"

	"backstop/loader"

	"github.com/google/uuid"
)

// threeDays loads three days of postbacks (1, 2 and 3 rows in hour 14) and the forwards of the first; hour 15 of each is empty.
func threeDays(b *bench) []loader.Partition {
	b.t.Helper()
	var days []loader.Partition
	for n, date := range []string{"2026-01-01", "2026-01-02", "2026-01-03"} {
		b.setDay(date)
		b.file(b.hour14, "a", lines("a", n+1))
		b.load()
		days = append(days, b.hour14)
	}
	b.setDay("2026-01-01")
	b.file(loader.Partition{Table: "forwards", Date: "2026-01-01", Hour: 14}, "a", lines("a", 4))
	b.loadHour("forwards")
	return days
}

func (b *bench) purge(before string, dryRun bool) []loader.Entry {
	b.t.Helper()
	entries, err := b.warehouse.Purge(context.Background(), loader.Purge{Table: "postbacks", Before: before, DryRun: dryRun, NewID: uuid.NewString})
	if err != nil {
		b.t.Fatal(err)
	}
	return entries
}

// left is the number of rows in each of the days, and in the forwards.
func (b *bench) left(days []loader.Partition) string {
	b.t.Helper()
	text := ""
	for _, p := range days {
		text += fmt.Sprint(b.rows(p).count, " ")
	}
	return text + fmt.Sprint(b.count("SELECT COUNT(*) FROM landing.forwards"))
}

func TestPurgeTakesWhatItIsAskedForAndNoMore(t *testing.T) {
	b := newBench(t)
	days := threeDays(b)
	ledger := "SELECT COUNT(*) FROM landing.loads"
	entries := b.count(ledger)
	if planned := b.purge("2026-01-03", true); len(planned) != 6 || b.left(days) != "1 2 3 4" || b.count(ledger) != entries {
		t.Fatalf("a dry run: %d entries, left %s", len(planned), b.left(days))
	}
	purged := b.purge("2026-01-03", false)
	if sums := loader.PurgedByDay(purged); fmt.Sprint(sums) != "[{2026-01-01 3 1} {2026-01-02 3 2}]" {
		t.Errorf("purged %v", sums)
	}
	if b.left(days) != "0 0 3 4" || b.count(ledger+" WHERE status = 'purged'") != 6 {
		t.Errorf("left %s", b.left(days))
	}
	if again := b.purge("2026-01-03", false); len(again) != 0 || b.count(ledger) != entries+6 {
		t.Errorf("again: %v", again)
	}
}

func TestAPurgedPartitionIsRefilledByForceOnly(t *testing.T) {
	b := newBench(t)
	days := threeDays(b)
	b.purge("2026-01-02", false)
	b.file(b.hour14, "late", lines("late", 2))
	b.file(b.hour15, "late", lines("late", 2)) // it was empty
	if result := b.load(); result.Purged != 3 || result.Loaded != 0 || b.left(days) != "0 2 3 4" {
		t.Errorf("load: %+v, left %s", result, b.left(days))
	}
	if status := loader.ByDay(b.plan()); status[0].Purged != 3 || status[0].Red() != 0 || status[0].Rows != 0 {
		t.Errorf("status %+v", status)
	}
	b.loader.Force = true
	if result := b.load(); result.Loaded != 3 || b.left(days) != "3 2 3 4" {
		t.Errorf("forced: %+v, left %s", result, b.left(days))
	}
	if again := b.purge("2026-01-02", false); len(again) != 3 || b.left(days) != "0 2 3 4" {
		t.Errorf("purged again: %v, left %s", again, b.left(days))
	}
}

// A purge whose connection breaks has happened once and is told so.
func TestAPurgeSurvivesALostConnection(t *testing.T) {
	b := newBench(t)
	b.onStandIn()
	days := threeDays(b)
	for n, c := range []struct {
		statement, before string
		after             bool
	}{{"DELETE FROM landing.postbacks", "2026-01-02", true}, {"COMMIT", "2026-01-03", true}} {
		b.wire.arm(c.statement, c.after)
		if purged := b.purge(c.before, false); len(purged) != 3 || purged[0].RowsBefore+purged[1].RowsBefore+purged[2].RowsBefore != int64(n+1) {
			t.Errorf("%s: %v", c.statement, purged)
		}
	}
	if b.wire.made() != 2 || b.left(days) != "0 0 3 4" || b.count("SELECT COUNT(*) FROM landing.loads WHERE status = 'purged'") != 6 {
		t.Errorf("%d cuts, left %s", b.wire.made(), b.left(days))
	}
}
