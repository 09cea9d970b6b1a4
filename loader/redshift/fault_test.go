package redshift_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"backstop/loader"
	"backstop/loader/redshift"
)

// Each of these has a day of its own in one warehouse.
func TestFaults(t *testing.T) {
	shared := newBench(t)
	for name, test := range map[string]func(*bench){
		"a conflict at commit is tried again from the beginning":      conflictAtCommit,
		"a refused login is configuration":                            refusedLogin,
		"a file that cannot be read in full leaves the old partition": brokenRead,
		"a mismatch found after commit marks the partition suspect":   suspectAfterCommit,
		"the ledger grows forward whatever the clock does":            clockGoesBack,
		"empty partitions are entered together":                       emptyTogether,
	} {
		t.Run(name, func(t *testing.T) { test(shared.nextDay(t)) })
	}
}

func conflictAtCommit(b *bench) {
	b.onStandIn()
	b.load() // the empty hours are in the ledger
	b.file(b.hour14, "a", lines("a", 3))
	steps := b.plan()
	b.standIn.Faults.ConflictAtCommit()
	waits := 0
	b.onWait = func() error { waits++; return nil }
	result, err := b.loader.Load(context.Background(), steps)
	if err != nil || result.Loaded != 1 || waits != 1 || b.rows(b.hour14).count != 3 {
		b.t.Errorf("%d waits, result %+v, err %v", waits, result, err)
	}
}

func refusedLogin(b *bench) {
	b.onStandIn()
	b.open(redshift.BeforeCommit) // without a connection that is open already
	b.standIn.Faults.RefuseLogins(1)
	_, err := b.warehouse.Ledger(context.Background(), "2026-11-19", "2026-11-19")
	if loader.ClassOf(err) != loader.Configuration || !strings.Contains(err.Error(), "BACKSTOP_WAREHOUSE_DSN") {
		b.t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
}

func brokenRead(b *bench) {
	b.onStandIn()
	b.file(b.hour14, "a", lines("a", 3))
	b.load()
	before := b.rows(b.hour14)
	b.file(b.hour14, "b", lines("b", 3))
	b.standIn.Faults.FailCopyFile(2)
	if _, err := b.tryLoad(); err == nil {
		b.t.Error("the load succeeds")
	}
	if after := b.rows(b.hour14); after != before {
		b.t.Errorf("before %+v, after %+v", before, after)
	}
	if result := b.load(); result.Loaded != 1 || b.rows(b.hour14).count != 6 {
		b.t.Errorf("result %+v", result)
	}
}

// Where a cluster shows what COPY read only after COMMIT, a mismatch comes too late to roll back: the partition is marked, and loaded
// again by the next load.
func suspectAfterCommit(b *bench) {
	b.open(redshift.AfterCommit)
	b.file(b.hour14, "a", lines("a", 3))
	steps := b.plan()
	b.file(b.hour14, "a", lines("z", 3)) // not what was listed
	_, err := b.loader.Load(context.Background(), steps)
	if loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), "suspect") {
		b.t.Fatalf("class %s, err %v", loader.ClassOf(err), err)
	}
	if step := b.plan()[0]; step.Reason != loader.Doubtful || !step.Due() {
		b.t.Errorf("the plan says %s", step.Reason)
	}
	if again := b.load(); again.Loaded != 1 || b.plan()[0].Reason != loader.Unchanged {
		b.t.Errorf("again: %+v", again)
	}
}

// The newest entry counts, also when the warehouse's clock stands still or goes back between two loads.
func clockGoesBack(b *bench) {
	b.file(b.hour14, "a", lines("a", 1))
	b.load()
	b.exec("UPDATE landing.loads SET loaded_at = '2099-01-01 00:00:00' WHERE dt = '%s'", b.hour14.Date)
	for n := 2; n <= 4; n++ {
		b.file(b.hour14, "a", lines("a", n))
		if result := b.load(); result.Loaded != 1 {
			b.t.Fatalf("load %d: %+v", n, result)
		}
		if step := b.plan()[0]; step.Reason != loader.Unchanged || step.Previous.Rows != int64(n) {
			b.t.Fatalf("load %d: the plan says %s, %+v", n, step.Reason, step.Previous)
		}
	}
}

func TestAWarehouseThatIsNotMigratedSaysSo(t *testing.T) {
	b := newEmptyBench(t)
	_, err := b.loader.Plan(context.Background(), hoursOf(b.hour14, b.hour14))
	if loader.ClassOf(err) != loader.Configuration || !strings.Contains(err.Error(), "backstop migrate") {
		t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
}

// A quiet day costs one transaction, not one for each of its hours.
func emptyTogether(b *bench) {
	b.loadDay()
	day := " FROM landing.loads WHERE dt = '" + b.hour14.Date + "'"
	ids := b.count("SELECT COUNT(DISTINCT load_id)" + day + " AND status = 'empty' AND files = 0 AND rows = 0")
	moments := b.count("SELECT COUNT(DISTINCT loaded_at)" + day)
	if want := 24 * len(loader.Tables()); ids != want || moments != 1 {
		b.t.Errorf("%d entries at %d moments", ids, moments)
	}
}

func (b *bench) exec(format string, args ...any) {
	b.t.Helper()
	if _, err := b.db.Exec(fmt.Sprintf(format, args...)); err != nil {
		b.t.Fatal(err)
	}
}
