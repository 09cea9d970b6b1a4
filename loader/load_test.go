package loader_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"backstop/loader"
)

// planOf plans the hours 14 to 16 of the postbacks of one day; hour 16 is empty.
func planOf(t *testing.T, l *loader.Loader, archive *fakeArchive) []loader.Step {
	t.Helper()
	p := loader.Partition{Table: "postbacks", Date: "2026-11-19", Hour: 14}
	next := p
	next.Hour = 15
	archive.objects = []loader.Object{file(p, "a"), file(p, "b"), file(next, "c")}
	r := oneHour(t, p)
	r.To = r.To.Add(2 * time.Hour)
	steps, err := l.Plan(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

func TestLoadCountsWhatBecameOfEachPartition(t *testing.T) {
	l, archive, _ := newFakes()
	result, err := l.Load(context.Background(), planOf(t, l, archive))
	want := loader.Result{Partitions: 3, Loaded: 2, Empty: 1, Rows: 10, Files: 3, BadLines: []loader.BadLine{}, LoadIDs: []string{"load-2", "load-3"}, Failures: []loader.Failure{}}
	if err != nil || !reflect.DeepEqual(result, want) {
		t.Errorf("err %v\ngot  %+v\nwant %+v", err, result, want)
	}
	again, err := l.Load(context.Background(), planOf(t, l, archive))
	want = loader.Result{Partitions: 3, Unchanged: 3, BadLines: []loader.BadLine{}, LoadIDs: []string{}, Failures: []loader.Failure{}}
	if err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("again: err %v\ngot  %+v\nwant %+v", err, again, want)
	}
}

func TestADataErrorHoldsUpItsPartitionOnlyAndOthersEndTheLoad(t *testing.T) {
	for class, loaded := range map[loader.Class]int{loader.Data: 1, loader.Transient: 0, loader.Configuration: 0} {
		l, archive, warehouse := newFakes()
		warehouse.replaceFn = func(r loader.Replacement) (loader.Replaced, error) {
			if r.Manifest.Partition.Hour == 14 {
				return loader.Replaced{}, loader.Fail(class, "no")
			}
			return loader.Replaced{Entry: loader.Entry{LoadID: r.LoadID}}, nil
		}
		result, err := l.Load(context.Background(), planOf(t, l, archive))
		if loader.ClassOf(err) != class || result.Loaded != loaded || result.Failed != 1 || result.Failures[0].Partition != "postbacks 2026-11-19 14h" {
			t.Errorf("%s: %+v, err %v", class, result, err)
		}
	}
}

// A load that finds that somebody else was faster looks at the partition again, files included, before it decides.
func TestAStalePlanIsMadeAnew(t *testing.T) {
	l, archive, warehouse := newFakes()
	p := loader.Partition{Table: "postbacks", Date: "2026-11-19", Hour: 14}
	archive.objects = []loader.Object{file(p, "a")}
	steps, err := l.Plan(context.Background(), oneHour(t, p))
	if err != nil {
		t.Fatal(err)
	}
	warehouse.replaceFn = func(r loader.Replacement) (loader.Replaced, error) {
		if len(warehouse.replaced) == 1 {
			warehouse.ledger[p] = loader.Entry{LoadID: "theirs", Partition: p, Digest: "other", Files: 2}
			archive.objects = append(archive.objects, file(p, "b"), file(p, "c"))
			return loader.Replaced{}, loader.ErrStale
		}
		return loader.Replaced{Entry: loader.Entry{LoadID: r.LoadID, Files: len(r.Manifest.Objects)}}, nil
	}
	result, err := l.Load(context.Background(), steps)
	second := warehouse.replaced[1]
	if err != nil || result.Loaded != 1 || result.Files != 3 || second.PreviousID != "theirs" {
		t.Errorf("err %v, result %+v, second try %+v", err, result, second)
	}
}

func TestAPartitionThatOthersKeepLoadingIsTransient(t *testing.T) {
	l, archive, warehouse := newFakes()
	warehouse.replaceFn = func(loader.Replacement) (loader.Replaced, error) { return loader.Replaced{}, loader.ErrStale }
	_, err := l.Load(context.Background(), planOf(t, l, archive))
	if loader.ClassOf(err) != loader.Transient || !errors.Is(err, loader.ErrStale) {
		t.Errorf("err %v", err)
	}
}

func TestByDayPutsRedDaysFirst(t *testing.T) {
	step := func(table, date string, hour int, reason loader.Reason, previous *loader.Entry, files ...loader.Object) loader.Step {
		return loader.Step{Manifest: loader.Manifest{Partition: loader.Partition{Table: table, Date: date, Hour: hour}, Objects: files}, Reason: reason, Previous: previous}
	}
	o := loader.Object{Key: "k"}
	days := loader.ByDay([]loader.Step{
		step("postbacks", "2026-11-18", 0, loader.Unchanged, &loader.Entry{Rows: 7, Errors: 2}, o),
		step("postbacks", "2026-11-18", 1, loader.Unchanged, &loader.Entry{}),
		step("forwards", "2026-11-18", 0, loader.NoFiles, nil),
		step("postbacks", "2026-11-19", 0, loader.Late, &loader.Entry{Rows: 2, Files: 1}, o, o),
		step("postbacks", "2026-11-19", 1, loader.New, nil, o),
		step("postbacks", "2026-11-19", 2, loader.Vanished, &loader.Entry{Rows: 1}),
		step("postbacks", "2026-11-19", 3, loader.Doubtful, &loader.Entry{}, o),
		step("postbacks", "2026-11-19", 4, loader.Retired, &loader.Entry{}, o),
	})
	want := []loader.Day{
		{Table: "postbacks", Date: "2026-11-19", Missing: 1, Late: 1, Changed: 1, Suspect: 1, Purged: 1, Files: 5, Rows: 3, RedHours: []loader.RedHour{
			{Hour: 0, State: "late", Files: 2, Loaded: 1}, {Hour: 1, State: "missing", Files: 1}, {Hour: 2, State: "changed"}, {Hour: 3, State: "suspect", Files: 1}}},
		{Table: "postbacks", Date: "2026-11-18", Loaded: 1, Empty: 1, Files: 1, Rows: 7, Errors: 2, RedHours: []loader.RedHour{}},
		{Table: "forwards", Date: "2026-11-18", Empty: 1, RedHours: []loader.RedHour{}},
	}
	if !reflect.DeepEqual(days, want) {
		t.Errorf("got  %+v\nwant %+v", days, want)
	}
}
