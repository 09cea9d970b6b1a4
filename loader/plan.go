package loader

import (
	"context"
	"fmt"
	"sync"
)

// Lister lists the archive.
type Lister interface {
	// List gives all objects under the prefix, in any order. An empty answer is no error; an archive that cannot be read is.
	List(ctx context.Context, prefix string) ([]Object, error)
}

// Reason says why a partition is, or is not, to be loaded.
type Reason string

const (
	New       Reason = "new"       // files, and no entry in the ledger
	Late      Reason = "late"      // more files than were loaded
	Changed   Reason = "changed"   // other files than were loaded
	Vanished  Reason = "vanished"  // files were loaded, and none is left
	Doubtful  Reason = "suspect"   // loaded, but the load could not be confirmed
	Forced    Reason = "forced"    // somebody insists
	NoFiles   Reason = "empty"     // no files, and no entry in the ledger yet
	Unchanged Reason = "unchanged" // exactly what was loaded
	Retired   Reason = "purged"    // removed when its retention ended
)

// Step is the decision on one partition.
type Step struct {
	Manifest Manifest
	Previous *Entry // the newest ledger entry, nil if there is none
	Reason   Reason
}

// Due tells whether the partition's rows have to be replaced. An empty hour is not: it needs an entry in the ledger only.
func (s Step) Due() bool {
	switch s.Reason {
	case New, Late, Changed, Vanished, Doubtful, Forced:
		return true
	default:
		return false
	}
}

func decide(m Manifest, previous *Entry, force bool) Step {
	return Step{Manifest: m, Previous: previous, Reason: reason(m, previous, force)}
}

func reason(m Manifest, previous *Entry, force bool) Reason {
	files := len(m.Objects)
	switch {
	case previous == nil && files == 0:
		return NoFiles
	case previous == nil:
		return New
	case previous.Status == Empty && files == 0:
		return Unchanged
	case force:
		return Forced
	case previous.Status == Purged:
		return Retired
	case previous.Status == Suspect:
		return Doubtful
	case previous.Digest == m.Digest():
		return Unchanged
	case files == 0:
		return Vanished
	case files > previous.Files:
		return Late
	default:
		return Changed
	}
}

// listingsAtOnce bounds how many listings of a plan run side by side: each is mostly waiting.
const listingsAtOnce = 8

// Plan decides on every partition of the range: one look at the ledger, then one listing for each table and day. In this order, a load that
// comes between the two shows as files that the plan has and the ledger has not, and Replace finds the plan stale. The other way round the
// plan would have fewer files than the ledger, and undo that load.
func (l *Loader) Plan(ctx context.Context, r Range) ([]Step, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	days := r.Days()
	ledger, err := l.Warehouse.Ledger(ctx, days[0], days[len(days)-1])
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	manifests, err := l.manifests(ctx, r)
	if err != nil {
		return nil, err
	}
	steps := make([]Step, 0, len(manifests))
	for _, m := range manifests {
		steps = append(steps, decide(m, entryOf(ledger, m.Partition), l.Force))
	}
	return steps, nil
}

// manifests lists the files of every partition of the range, by day, table and hour.
func (l *Loader) manifests(ctx context.Context, r Range) ([]Manifest, error) {
	days := r.Days()
	listed := make([]map[int]Manifest, len(days)*len(r.Tables))
	place := func(i int) (date, table string) { return days[i/len(r.Tables)], r.Tables[i%len(r.Tables)] }
	ctx, stop := context.WithCancelCause(ctx) // the first error ends the rest
	defer stop(nil)
	var listing sync.WaitGroup
	turns := make(chan struct{}, listingsAtOnce)
	for i := range listed {
		turns <- struct{}{}
		listing.Go(func() {
			defer func() { <-turns }()
			date, table := place(i)
			hours, err := l.listDay(ctx, table, date)
			if err != nil {
				stop(err)
			}
			listed[i] = hours
			if l.Listed != nil {
				l.Listed()
			}
		})
	}
	listing.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	var all []Manifest
	for i, hours := range listed {
		date, table := place(i)
		for _, hour := range r.hours(date) {
			all = append(all, Manifest{Partition: Partition{Table: table, Date: date, Hour: hour}, Objects: hours[hour].Objects})
		}
	}
	return all, nil
}

func (l *Loader) listDay(ctx context.Context, table, date string) (map[int]Manifest, error) {
	objects, err := l.Archive.List(ctx, dayPrefix(table, date))
	if err != nil {
		return nil, fmt.Errorf("list %s of %s: %w", table, date, err)
	}
	return byHour(table, date, objects)
}

// look decides on one partition anew, from a fresh ledger and a fresh listing.
func (l *Loader) look(ctx context.Context, p Partition) (Step, error) {
	ledger, err := l.Warehouse.Ledger(ctx, p.Date, p.Date)
	if err != nil {
		return Step{}, fmt.Errorf("read the ledger again: %w", err)
	}
	manifests, err := l.listDay(ctx, p.Table, p.Date)
	if err != nil {
		return Step{}, err
	}
	return decide(Manifest{Partition: p, Objects: manifests[p.Hour].Objects}, entryOf(ledger, p), l.Force), nil
}

func entryOf(ledger map[Partition]Entry, p Partition) *Entry {
	if entry, ok := ledger[p]; ok {
		return &entry
	}
	return nil
}
