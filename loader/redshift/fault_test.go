package redshift_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"backstop/loader"
	"backstop/loader/redshift"
)

func TestAConflictAtCommitIsTriedAgainFromTheBeginning(t *testing.T) {
	b := newBench(t)
	b.load() // the empty hours are in the ledger
	b.file(b.hour14, "a", lines("a", 3))
	steps := b.plan()
	b.standIn.Faults.ConflictAtCommit()
	waits := 0
	b.onWait = func() error { waits++; return nil }
	result, err := b.loader.Load(context.Background(), steps)
	if err != nil || result.Loaded != 1 || waits != 1 || b.rows(b.hour14).count != 3 {
		t.Errorf("%d waits, result %+v, err %v", waits, result, err)
	}
}

func TestARefusedLoginIsConfiguration(t *testing.T) {
	b := newBench(t)
	b.open(redshift.BeforeCommit) // without a connection that is open already
	b.standIn.Faults.RefuseLogins(1)
	_, err := b.warehouse.Ledger(context.Background(), "2026-11-19", "2026-11-19")
	if loader.ClassOf(err) != loader.Configuration || !strings.Contains(err.Error(), "BACKSTOP_WAREHOUSE_DSN") {
		t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
}

func TestAFileThatCannotBeReadInFullLeavesTheOldPartition(t *testing.T) {
	b := newBench(t)
	b.file(b.hour14, "a", lines("a", 3))
	b.load()
	before := b.rows(b.hour14)
	b.file(b.hour14, "b", lines("b", 3))
	b.standIn.Faults.FailCopyFile(2)
	if _, err := b.tryLoad(); err == nil {
		t.Error("the load succeeds")
	}
	if after := b.rows(b.hour14); after != before {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if result := b.load(); result.Loaded != 1 || b.rows(b.hour14).count != 6 {
		t.Errorf("result %+v", result)
	}
}

// Where a cluster shows what COPY read only after COMMIT, a mismatch comes too late to roll back: the partition is marked, and loaded
// again by the next load.
func TestAMismatchFoundAfterCommitMarksThePartitionSuspect(t *testing.T) {
	b := newBench(t)
	b.open(redshift.AfterCommit)
	b.file(b.hour14, "a", lines("a", 3))
	steps := b.plan()
	b.file(b.hour14, "a", lines("z", 3)) // not what was listed
	_, err := b.loader.Load(context.Background(), steps)
	if loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), "suspect") {
		t.Fatalf("class %s, err %v", loader.ClassOf(err), err)
	}
	if step := b.plan()[0]; step.Reason != loader.Doubtful || !step.Due() {
		t.Errorf("the plan says %s", step.Reason)
	}
	if again := b.load(); again.Loaded != 1 || b.plan()[0].Reason != loader.Unchanged {
		t.Errorf("again: %+v", again)
	}
}

// The newest entry counts, also when the warehouse's clock stands still or goes back between two loads.
func TestTheLedgerGrowsForwardWhateverTheClockDoes(t *testing.T) {
	b := newBench(t)
	b.file(b.hour14, "a", lines("a", 1))
	b.load()
	b.exec("UPDATE landing.loads SET loaded_at = '2099-01-01 00:00:00'")
	for n := 2; n <= 4; n++ {
		b.file(b.hour14, "a", lines("a", n))
		if result := b.load(); result.Loaded != 1 {
			t.Fatalf("load %d: %+v", n, result)
		}
		if step := b.plan()[0]; step.Reason != loader.Unchanged || step.Previous.Rows != int64(n) {
			t.Fatalf("load %d: the plan says %s, %+v", n, step.Reason, step.Previous)
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
func TestEmptyPartitionsAreEnteredTogether(t *testing.T) {
	b := newBench(t)
	first, last := b.hour14, b.hour14
	first.Hour, last.Hour = 0, 23
	r := hoursOf(first, last)
	r.Tables = loader.Tables()
	steps, err := b.loader.Plan(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.loader.Load(context.Background(), steps); err != nil {
		t.Fatal(err)
	}
	ids := b.count("SELECT COUNT(DISTINCT load_id) FROM landing.loads WHERE status = 'empty' AND files = 0 AND rows = 0")
	moments := b.count("SELECT COUNT(DISTINCT loaded_at) FROM landing.loads")
	if want := 24 * len(loader.Tables()); ids != want || moments != 1 {
		t.Errorf("%d entries at %d moments", ids, moments)
	}
}

func (b *bench) exec(format string, args ...any) {
	b.t.Helper()
	if _, err := b.db.Exec(fmt.Sprintf(format, args...)); err != nil {
		b.t.Fatal(err)
	}
}
