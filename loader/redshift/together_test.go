package redshift_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"backstop/loader"
)

// Loaders of one partition at once give its rows once, whether they saw the same files or not, whether the partition was empty or
// full; the last word has who saw most.
func TestLoadersOfOnePartitionAtOnceGiveItsRowsOnce(t *testing.T) {
	shared := newBench(t)
	for _, loaders := range []int{2, 8} {
		for _, late := range []bool{false, true} { // each loader's listing knows one file more than the one before
			for _, full := range []bool{false, true} { // the partition has rows already
				t.Run(fmt.Sprintf("%d loaders, other files %v, full %v", loaders, late, full), func(t *testing.T) {
					onePartition(shared.nextDay(t), loaders, late, full)
				})
			}
		}
	}
}

func onePartition(b *bench, loaders int, late, full bool) {
	want := 5
	if full {
		b.file(b.hour14, "old", lines("old", 1))
		b.load()
		want++
	}
	b.file(b.hour14, "new", lines("new", 5))
	plans := make([][]loader.Step, loaders)
	for i := range plans {
		if late {
			b.file(b.hour14, fmt.Sprintf("late-%d", i), lines("late", 1))
			want++
		}
		plans[i] = b.plan()
	}
	b.loadAtOnce(plans)
	if again := b.load(); again.Unchanged != 3 {
		b.t.Errorf("something was left to load: %+v", again)
	}
	if got := b.rows(b.hour14); got.count != want || got.loads != 1 {
		b.t.Errorf("rows %+v, want %d of one load", got, want)
	}
}

// Loaders of different partitions at once do not disturb each other.
func TestLoadersOfDifferentPartitionsAtOnce(t *testing.T) {
	shared := newBench(t)
	for _, loaders := range []int{2, 8} {
		for _, full := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d loaders, full %v", loaders, full), func(t *testing.T) {
				ownPartitions(shared.nextDay(t), loaders, full)
			})
		}
	}
}

func ownPartitions(b *bench, loaders int, full bool) {
	partition := func(i int) loader.Partition {
		return loader.Partition{Table: loader.Tables()[i%2], Date: b.hour14.Date, Hour: i}
	}
	plan := func(p loader.Partition) []loader.Step {
		steps, err := b.loader.Plan(context.Background(), hoursOf(p, p))
		if err != nil {
			b.t.Fatal(err)
		}
		return steps
	}
	plans := make([][]loader.Step, loaders)
	for i := range plans {
		p := partition(i)
		if full {
			b.file(p, "a", lines("old", i+1))
			if _, err := b.loader.Load(context.Background(), plan(p)); err != nil {
				b.t.Fatal(err)
			}
		}
		b.file(p, "a", lines("new", i+2))
		plans[i] = plan(p)
	}
	b.loadAtOnce(plans)
	for i := range loaders {
		if got := b.rows(partition(i)); got.count != i+2 || got.loads != 1 {
			b.t.Errorf("%s: rows %+v, want %d of one load", partition(i), got, i+2)
		}
	}
}

// A purge and a load of the same partition at once: whoever is second, the ledger tells what is in the table.
func TestAPurgeAndALoadAtOnceAgreeWithTheLedger(t *testing.T) {
	b := newBench(t)
	b.setDay("2026-01-01")
	for n := range 8 {
		b.file(b.hour14, "a", lines("a", n+1))
		b.loader.Force = true
		steps := b.plan()
		var running sync.WaitGroup
		running.Go(func() { b.loadAtOnce([][]loader.Step{steps}) })
		running.Go(func() { b.purge("2026-01-02", false) })
		running.Wait()
		entry, rows := b.plan()[0].Previous, b.rows(b.hour14)
		if entry.Rows != int64(rows.count) || (entry.Status == loader.Purged) != (rows.count == 0) {
			b.t.Fatalf("rows %+v, entry %+v", rows, entry)
		}
	}
}

// loadAtOnce carries out all plans at the same time and fails the test on any error.
func (b *bench) loadAtOnce(plans [][]loader.Step) {
	b.t.Helper()
	errs := make([]error, len(plans))
	start := make(chan struct{})
	var running sync.WaitGroup
	for i, steps := range plans {
		running.Go(func() {
			<-start
			_, errs[i] = b.loader.Load(context.Background(), steps)
		})
	}
	close(start)
	running.Wait()
	for i, err := range errs {
		if err != nil {
			b.t.Errorf("loader %d: %v", i, err)
		}
	}
}
