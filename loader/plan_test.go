package loader_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"backstop/loader"

	"pgregory.net/rapid"
)

func TestPlanSaysWhy(t *testing.T) {
	p := loader.Partition{Table: "postbacks", Date: "2026-11-19", Hour: 14}
	a, b := file(p, "a"), file(p, "b")
	digest := func(objects ...loader.Object) string { return loader.Manifest{Partition: p, Objects: objects}.Digest() }
	loaded := func(objects ...loader.Object) *loader.Entry {
		return &loader.Entry{LoadID: "old", Partition: p, Digest: digest(objects...), Files: len(objects), Status: loader.Loaded}
	}
	changed := a
	changed.ETag = "another"
	suspect, purged := loaded(a), loaded(a)
	suspect.Status, purged.Status = loader.Suspect, loader.Purged
	empty := &loader.Entry{LoadID: "old", Partition: p, Digest: digest(), Status: loader.Empty}

	for _, c := range []struct {
		name   string
		files  []loader.Object
		ledger *loader.Entry
		force  bool
		reason loader.Reason
		due    bool
	}{
		{"first files", []loader.Object{a}, nil, false, loader.New, true},
		{"first look at an empty hour", nil, nil, false, loader.NoFiles, false},
		{"forced look at an empty hour", nil, nil, true, loader.NoFiles, false},
		{"same files in another order", []loader.Object{b, a}, loaded(a, b), false, loader.Unchanged, false},
		{"still empty", nil, empty, false, loader.Unchanged, false},
		{"still empty and forced", nil, empty, true, loader.Unchanged, false},
		{"a file came late", []loader.Object{a, b}, loaded(a), false, loader.Late, true},
		{"files came into an empty hour", []loader.Object{a}, empty, false, loader.Late, true},
		{"a file was written again", []loader.Object{changed}, loaded(a), false, loader.Changed, true},
		{"a file went", []loader.Object{a}, loaded(a, b), false, loader.Changed, true},
		{"all files went", nil, loaded(a), false, loader.Vanished, true},
		{"unconfirmed", []loader.Object{a}, suspect, false, loader.Doubtful, true},
		{"purged", []loader.Object{a}, purged, false, loader.Retired, false},
		{"purged and forced", []loader.Object{a}, purged, true, loader.Forced, true},
		{"unchanged and forced", []loader.Object{a}, loaded(a), true, loader.Forced, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, archive, warehouse := newFakes()
			archive.objects, l.Force = c.files, c.force
			if c.ledger != nil {
				warehouse.ledger[p] = *c.ledger
			}
			steps, err := l.Plan(context.Background(), oneHour(t, p))
			if err != nil || len(steps) != 1 {
				t.Fatalf("%d steps, err %v", len(steps), err)
			}
			if steps[0].Reason != c.reason || steps[0].Due() != c.due {
				t.Errorf("reason %s, due %v; want %s, %v", steps[0].Reason, steps[0].Due(), c.reason, c.due)
			}
		})
	}
}

func TestPlanLooksOnceAtTheLedgerAndOnceAtEachTableAndDay(t *testing.T) {
	l, archive, warehouse := newFakes()
	from := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)
	steps, err := l.Plan(context.Background(), loader.Range{Tables: loader.Tables(), From: from, To: from.Add(30 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) != 31*len(loader.Tables()) || warehouse.reads != 1 || archive.lists.Load() != int32(2*len(loader.Tables())) {
		t.Errorf("%d steps, %d ledger queries, %d listings", len(steps), warehouse.reads, archive.lists.Load())
	}
}

func TestAFileOutsideTheLayoutIsRefusedBecauseItWouldNeverBeLoaded(t *testing.T) {
	p := loader.Partition{Table: "postbacks", Date: "2026-11-19", Hour: 14}
	for key, refused := range map[string]bool{
		"postbacks/dt=2026-11-19/hr=14/a.gz":     false,
		"postbacks/dt=2026-11-19/hr=14/":         false, // a folder made by hand
		"postbacks/dt=2026-11-19/hr=24/a.gz":     true,
		"postbacks/dt=2026-11-19/a.gz":           true,
		"postbacks/dt=2026-11-19/hr=14/a.json":   true,
		"postbacks/dt=2026-11-19/hr=14/sub/a.gz": true,
	} {
		l, archive, _ := newFakes()
		archive.objects = []loader.Object{{Key: key, Size: 0}}
		_, err := l.Plan(context.Background(), oneHour(t, p))
		if refused != (err != nil) || (refused && (loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), key))) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestAnArchiveThatCannotBeReadIsNotAnEmptyHour(t *testing.T) {
	l, archive, warehouse := newFakes()
	archive.err = errors.New("the archive is away")
	if _, err := l.Plan(context.Background(), oneHour(t, loader.Partition{Table: "postbacks", Date: "2026-11-19"})); !errors.Is(err, archive.err) || len(warehouse.ledger) != 0 {
		t.Errorf("err %v", err)
	}
}

// listsLate is an archive that is listed only after the ledger was read.
type listsLate struct {
	*fakeArchive
	t         *testing.T
	warehouse *fakeWarehouse
}

func (a listsLate) List(ctx context.Context, prefix string) ([]loader.Object, error) {
	if a.warehouse.reads == 0 {
		a.t.Error("a load between this listing and the look at the ledger would be undone")
	}
	return a.fakeArchive.List(ctx, prefix)
}

func TestTheLedgerIsReadBeforeTheListing(t *testing.T) {
	l, archive, warehouse := newFakes()
	l.Archive = listsLate{archive, t, warehouse}
	p := loader.Partition{Table: "postbacks", Date: "2026-11-19", Hour: 14}
	archive.objects = []loader.Object{file(p, "a")}
	if steps, err := l.Plan(context.Background(), oneHour(t, p)); err != nil || len(steps) != 1 || steps[0].Reason != loader.New {
		t.Errorf("%v, err %v", steps, err)
	}
}

func TestALedgerThatCannotBeReadIsNotAnEmptyOne(t *testing.T) {
	l, _, warehouse := newFakes()
	warehouse.err = errors.New("the warehouse is away")
	if _, err := l.Plan(context.Background(), oneHour(t, loader.Partition{Table: "postbacks", Date: "2026-11-19"})); !errors.Is(err, warehouse.err) {
		t.Errorf("err %v", err)
	}
}

func TestRangeRefusesWhatCannotBeMeant(t *testing.T) {
	now := time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)
	hour := 24
	for name, r := range map[string]loader.Range{
		"an unknown table":     {Tables: []string{"clicks"}, From: now, To: now},
		"an hour past the day": {Tables: loader.Tables(), From: now, To: now, Hour: &hour},
		"the end first":        {Tables: loader.Tables(), From: now, To: now.Add(-time.Hour)},
	} {
		if err := r.Validate(); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// Two manifests have the same digest exactly if they hold the same files.
func TestDigestsTellFilesApart(t *testing.T) {
	objects := rapid.SliceOfNDistinct(rapid.Custom(func(r *rapid.T) loader.Object {
		return loader.Object{Key: rapid.StringMatching(`[ab/]{1,3}`).Draw(r, "key"), ETag: rapid.StringMatching(`[01]{1,2}`).Draw(r, "etag"), Size: rapid.Int64Range(0, 12).Draw(r, "size")}
	}), 0, 4, func(o loader.Object) string { return o.Key })
	rapid.Check(t, func(r *rapid.T) {
		one, two := objects.Draw(r, "one"), objects.Draw(r, "two")
		same := loader.Manifest{Objects: one}.Digest() == loader.Manifest{Objects: two}.Digest()
		if same != slices.Equal(one, two) {
			r.Fatalf("%v and %v: same digest %v", one, two, same)
		}
	})
}
