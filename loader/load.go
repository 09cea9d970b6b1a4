package loader

import (
	"context"
	"errors"
	"fmt"
)

// ManifestWriter puts the list of a load's files where COPY can read it.
type ManifestWriter interface {
	// WriteManifest stores the manifest under m.Key(loadID) and gives its URL. It never overwrites: another manifest under that
	// key is an error, the same one again is not.
	WriteManifest(ctx context.Context, loadID string, m Manifest) (url string, err error)
}

// Archive is the archive as a load needs it.
type Archive interface {
	Lister
	ManifestWriter
}

// Warehouse holds the landing tables and the ledger.
type Warehouse interface {
	// Ledger gives the newest entry of each partition with from ≤ date ≤ to.
	Ledger(ctx context.Context, from, to string) (map[Partition]Entry, error)
	// RecordEmpty enters partitions without files in one transaction, leaving out those that have an entry by now.
	RecordEmpty(ctx context.Context, empties []Entry) error
	// Replace puts the rows of the manifest in place of the partition's rows, with its ledger entry, in one transaction. If the
	// ledger says that the same files are in already, nothing happens and that entry is the answer. ErrStale: the newest entry is
	// no longer the one that was planned with. A partition that would lose rows is refused (Data) unless Force is set, and so is one
	// with more than MaxErrors lines that cannot be loaded; those that are tolerated are recorded in the same transaction.
	Replace(ctx context.Context, r Replacement) (Replaced, error)
}

// Replacement is one load of one partition.
type Replacement struct {
	LoadID      string
	Manifest    Manifest
	ManifestURL string // empty for a manifest without files
	PreviousID  string // the load_id of the entry that was planned with, empty for none
	Force       bool
	MaxErrors   int // lines that may be left out; 0: none
}

// Loader loads what a plan says.
type Loader struct {
	Archive   Archive
	Warehouse Warehouse
	NewID     func() string // a new UUID for each load
	Force     bool          // load again what is unchanged or purged, and let a partition shrink
	MaxErrors int           // lines of each partition that may be left out, and are recorded then
	Listed    func()        // called after each listing of a plan, by several goroutines; may be nil
	Progress  func(Step)    // called after each partition; may be nil
}

// Failure is a partition that could not be loaded; the others were.
type Failure struct {
	Partition string `json:"partition"`
	Class     Class  `json:"class"`
	Error     string `json:"error"`
}

// Result counts partitions by what became of them; those of Partitions that are counted nowhere else were not reached, because the
// load ended. Rows, Files, Errors and LoadIDs are of those in Loaded.
type Result struct {
	Partitions int       `json:"partitions"`
	Loaded     int       `json:"loaded"`
	Empty      int       `json:"empty"`
	Unchanged  int       `json:"unchanged"`
	Purged     int       `json:"purged"`
	Failed     int       `json:"failed"`
	Rows       int64     `json:"rows"`
	Files      int       `json:"files"`
	Errors     int64     `json:"errors"`    // lines that were left out and recorded
	BadLines   []BadLine `json:"bad_lines"` // the first of those, at most ShownBadLines
	LoadIDs    []string  `json:"load_ids"`
	Failures   []Failure `json:"failures"`
}

// ShownBadLines bounds Result.BadLines; the warehouse has them all.
const ShownBadLines = 100

// staleTries bounds how often a partition that others keep loading is looked at again.
const staleTries = 10

// Load carries out the steps of a plan. A Data error holds up its own partition only; any other error ends the load, because the
// next partition would meet it too. The result is true also when there is an error.
func (l *Loader) Load(ctx context.Context, steps []Step) (Result, error) {
	result := Result{Partitions: len(steps), BadLines: []BadLine{}, LoadIDs: []string{}, Failures: []Failure{}}
	if err := l.recordEmpties(ctx, steps); err != nil {
		return result, err
	}
	var failures []error
	for _, step := range steps {
		err := l.carryOut(ctx, step, &result)
		if err != nil {
			err = fmt.Errorf("load %s: %w", step.Manifest.Partition, err)
			result.Failed++
			result.Failures = append(result.Failures, Failure{step.Manifest.Partition.String(), ClassOf(err), err.Error()})
			failures = append(failures, err)
		}
		if err != nil && ClassOf(err) != Data {
			break
		}
		if l.Progress != nil {
			l.Progress(step)
		}
	}
	return result, worst(failures)
}

func (l *Loader) carryOut(ctx context.Context, step Step, result *Result) error {
	switch {
	case step.Reason == NoFiles:
		result.Empty++
	case step.Reason == Retired:
		result.Purged++
	case !step.Due():
		result.Unchanged++
	default:
		return l.replace(ctx, step, result)
	}
	return nil
}

func (l *Loader) replace(ctx context.Context, step Step, result *Result) error {
	for range staleTries {
		loadID := l.NewID()
		done, err := l.replaceOnce(ctx, loadID, step)
		switch {
		case err == nil && done.LoadID == loadID:
			result.count(done)
			return nil
		case err == nil:
			result.Unchanged++
			return nil
		case !errors.Is(err, ErrStale):
			return err
		}
		if step, err = l.look(ctx, step.Manifest.Partition); err != nil {
			return err
		}
		if !step.Due() {
			return l.carryOut(ctx, step, result)
		}
	}
	return Fail(Transient, "%w, %d times in a row", ErrStale, staleTries)
}

func (r *Result) count(done Replaced) {
	r.Loaded++
	r.Rows += done.Rows
	r.Files += done.Files
	r.Errors += done.Errors
	r.BadLines = append(r.BadLines, done.BadLines[:min(len(done.BadLines), ShownBadLines-len(r.BadLines))]...)
	r.LoadIDs = append(r.LoadIDs, done.LoadID)
}

func (l *Loader) replaceOnce(ctx context.Context, loadID string, step Step) (Replaced, error) {
	r := Replacement{LoadID: loadID, Manifest: step.Manifest, Force: l.Force, MaxErrors: l.MaxErrors}
	if step.Previous != nil {
		r.PreviousID = step.Previous.LoadID
	}
	if len(step.Manifest.Objects) > 0 {
		url, err := l.Archive.WriteManifest(ctx, loadID, step.Manifest)
		if err != nil {
			return Replaced{}, fmt.Errorf("write the manifest: %w", err)
		}
		r.ManifestURL = url
	}
	return l.Warehouse.Replace(ctx, r)
}

func (l *Loader) recordEmpties(ctx context.Context, steps []Step) error {
	var empties []Entry
	for _, step := range steps {
		if step.Reason == NoFiles {
			empties = append(empties, Entry{LoadID: l.NewID(), Partition: step.Manifest.Partition, Digest: step.Manifest.Digest(), Status: Empty})
		}
	}
	if len(empties) == 0 {
		return nil
	}
	if err := l.Warehouse.RecordEmpty(ctx, empties); err != nil {
		return fmt.Errorf("enter %d empty partitions in the ledger: %w", len(empties), err)
	}
	return nil
}

// worst joins the failures so that the class of the last one, the one that ended the load, decides.
func worst(failures []error) error {
	if len(failures) == 0 {
		return nil
	}
	last := failures[len(failures)-1]
	return &Error{Class: ClassOf(last), Err: errors.Join(failures...)}
}
