package loader_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"backstop/loader"
)

// fakeArchive is a listing in memory. Lists counts the calls.
type fakeArchive struct {
	objects []loader.Object
	lists   atomic.Int32
	err     error
}

func (a *fakeArchive) List(_ context.Context, prefix string) ([]loader.Object, error) {
	a.lists.Add(1)
	var found []loader.Object
	for _, o := range a.objects {
		if strings.HasPrefix(o.Key, prefix) {
			found = append(found, o)
		}
	}
	return found, a.err
}

func (a *fakeArchive) WriteManifest(_ context.Context, loadID string, m loader.Manifest) (string, error) {
	return "s3://archive/" + m.Key(loadID), nil
}

// fakeWarehouse keeps the ledger in memory; replaceFn, if set, is asked first.
type fakeWarehouse struct {
	ledger    map[loader.Partition]loader.Entry
	reads     int
	err       error
	replaced  []loader.Replacement
	replaceFn func(loader.Replacement) (loader.Replaced, error)
}

func (w *fakeWarehouse) Ledger(context.Context, string, string) (map[loader.Partition]loader.Entry, error) {
	w.reads++
	return w.ledger, w.err
}

func (w *fakeWarehouse) RecordEmpty(_ context.Context, empties []loader.Entry) error {
	for _, e := range empties {
		w.ledger[e.Partition] = e
	}
	return nil
}

func (w *fakeWarehouse) Replace(_ context.Context, r loader.Replacement) (loader.Replaced, error) {
	w.replaced = append(w.replaced, r)
	if w.replaceFn != nil {
		return w.replaceFn(r)
	}
	entry := loader.Entry{LoadID: r.LoadID, Partition: r.Manifest.Partition, Digest: r.Manifest.Digest(), Files: len(r.Manifest.Objects), Rows: 5, Status: loader.Loaded}
	w.ledger[entry.Partition] = entry
	return loader.Replaced{Entry: entry}, nil
}

var (
	_ loader.Archive   = (*fakeArchive)(nil)
	_ loader.Warehouse = (*fakeWarehouse)(nil)
)

func newFakes() (*loader.Loader, *fakeArchive, *fakeWarehouse) {
	archive, warehouse := &fakeArchive{}, &fakeWarehouse{ledger: map[loader.Partition]loader.Entry{}}
	ids := 0
	return &loader.Loader{Archive: archive, Warehouse: warehouse, NewID: func() string {
		ids++
		return fmt.Sprintf("load-%d", ids)
	}}, archive, warehouse
}

func file(partition loader.Partition, name string) loader.Object {
	return loader.Object{Key: partition.Prefix() + name + ".gz", ETag: "etag-" + name, Size: 100}
}

// oneHour is the range of a single partition.
func oneHour(t *testing.T, p loader.Partition) loader.Range {
	t.Helper()
	day, err := time.Parse(loader.DateLayout, p.Date)
	if err != nil {
		t.Fatal(err)
	}
	at := day.Add(time.Duration(p.Hour) * time.Hour)
	return loader.Range{Tables: []string{p.Table}, From: at, To: at}
}
