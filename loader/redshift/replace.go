package redshift

import (
	"context"
	"fmt"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

// Replace is one load: see loader.Warehouse. Everything from the lock to the ledger entry is one transaction, so a reader sees
// the old partition or the new one. A connection lost at COMMIT is settled by asking the ledger for the load's id.
func (w *Warehouse) Replace(ctx context.Context, r loader.Replacement) (loader.Replaced, error) {
	var done loader.Replaced
	err := w.again(ctx, func() error {
		var err error
		done, err = w.replaceOnce(ctx, r)
		return err
	})
	if err != nil || done.LoadID != r.LoadID || done.Status != loader.Suspect {
		return done, err
	}
	return w.confirm(ctx, r, done)
}

func (w *Warehouse) replaceOnce(ctx context.Context, r loader.Replacement) (loader.Replaced, error) {
	tx, err := w.begin(ctx)
	if err != nil {
		return loader.Replaced{}, err
	}
	defer tx.Rollback() // without effect after COMMIT; before it, the first error is the one that counts
	load := &load{Warehouse: w, tx: tx, Replacement: r}
	unchanged, err := load.run(ctx)
	if err != nil || unchanged {
		return load.done, err
	}
	if err := tx.Commit(); err != nil {
		return load.done, w.settle(ctx, r.LoadID, fmt.Errorf("commit: %w", err))
	}
	return load.done, nil
}

// load is the transaction of one load while it is open.
type load struct {
	*Warehouse
	tx *sqlx.Tx
	loader.Replacement
	began time.Time // by the warehouse's clock
	done  loader.Replaced
}

// run does everything between the lock and COMMIT. unchanged: the partition holds these files already, by the entry in done.
func (l *load) run(ctx context.Context) (unchanged bool, err error) {
	p, digest := l.Manifest.Partition, l.Manifest.Digest()
	previous, err := newestOf(ctx, l.tx, p)
	if err != nil {
		return false, err
	}
	if previous != nil && !l.Force && previous.Digest == digest && (previous.Status == loader.Loaded || previous.Status == loader.Empty) {
		l.done.Entry = *previous
		return true, nil
	}
	if (previous == nil && l.PreviousID != "") || (previous != nil && previous.LoadID != l.PreviousID) {
		return false, loader.ErrStale
	}
	l.done.Entry = loader.Entry{
		LoadID: l.LoadID, Partition: p, Digest: digest, Files: len(l.Manifest.Objects), Bytes: l.Manifest.Bytes(), Status: loader.Empty,
	}
	if err := l.look(ctx, &l.done.Entry, previous); err != nil {
		return false, err
	}
	if l.done.Files > 0 {
		l.done.Status, l.done.ManifestKey = loader.Loaded, l.Manifest.Key(l.LoadID)
		if err := l.stage(ctx); err != nil {
			return false, err
		}
	}
	if l.done.Rows < l.done.RowsBefore && !l.Force {
		return false, loader.Fail(loader.Data, "%d rows in %d files would replace %d rows; nothing was changed. Look for files that are gone from %s, then load again with --force if the smaller number is right",
			l.done.Rows, l.done.Files, l.done.RowsBefore, p.Prefix())
	}
	return false, l.write(ctx)
}

// look counts the rows that would be replaced and dates the entry by the warehouse's clock, but always after the one before:
// the newest entry counts, also when two loads fall on one tick or the clock went back.
func (l *load) look(ctx context.Context, entry *loader.Entry, previous *loader.Entry) error {
	p := entry.Partition
	count := countStatement(p)
	if err := l.tx.GetContext(ctx, &entry.RowsBefore, count.text, count.args...); err != nil {
		return fmt.Errorf("count the rows of landing.%s: %w", p.Table, err)
	}
	now, err := warehouseClock(ctx, l.tx)
	if err != nil {
		return err
	}
	l.began, entry.LoadedAt = now, now
	if previous != nil && !now.After(previous.LoadedAt) {
		entry.LoadedAt = previous.LoadedAt.Add(time.Microsecond)
	}
	return nil
}

func warehouseClock(ctx context.Context, q sqlx.QueryerContext) (time.Time, error) {
	var now time.Time
	if err := sqlx.GetContext(ctx, q, &now, clockStatement); err != nil {
		return now, fmt.Errorf("read the warehouse's clock: %w", err)
	}
	return now, nil
}

// stage copies the manifest's files into the temporary table and holds what came against the manifest.
func (l *load) stage(ctx context.Context) error {
	copied, err := l.copyStatement(l.Replacement)
	if err != nil {
		return err
	}
	if _, err := l.tx.ExecContext(ctx, createStage); err != nil {
		return fmt.Errorf("create the temporary table: %w", err)
	}
	if _, err := l.tx.ExecContext(ctx, copied); err != nil {
		return l.explain(ctx, l.Manifest, l.began, err)
	}
	if err := l.tx.QueryRowxContext(ctx, lastCopy).Scan(&l.done.Rows, &l.done.CopyQueryID); err != nil {
		return fmt.Errorf("ask what COPY loaded: %w", err)
	}
	var strangers int64
	if err := l.tx.GetContext(ctx, &strangers, countStrangers); err != nil {
		return fmt.Errorf("look for documents that are no objects: %w", err)
	}
	if strangers > 0 {
		return loader.Fail(loader.Data, "%d of the %d documents are arrays, and every line must be an object; nothing was changed", strangers, l.done.Rows)
	}
	if l.config.Verify == AfterCommit {
		l.done.Status = loader.Suspect // until it is confirmed
		return nil
	}
	return l.verify(ctx, l.Replacement, &l.done)
}

func (l *load) write(ctx context.Context) error {
	p := l.done.Partition
	remove := deleteStatement(p)
	if _, err := l.tx.ExecContext(ctx, remove.text, remove.args...); err != nil {
		return fmt.Errorf("delete the partition's rows from landing.%s: %w", p.Table, err)
	}
	if l.done.Files > 0 {
		if err := l.insert(ctx, l.done.Entry); err != nil {
			return err
		}
	}
	return record(ctx, l.tx, l.done)
}

func (l *load) insert(ctx context.Context, entry loader.Entry) error {
	p := entry.Partition
	insert := insertStatement(p, entry.LoadID, timestamp(entry.LoadedAt))
	inserted, err := l.tx.ExecContext(ctx, insert.text, insert.args...)
	if err != nil {
		return fmt.Errorf("insert into landing.%s: %w", p.Table, err)
	}
	rows, err := inserted.RowsAffected()
	if err != nil {
		return fmt.Errorf("count the inserted rows: %w", err)
	}
	if rows != entry.Rows {
		return loader.Fail(loader.Data, "COPY says %d rows, but %d were inserted into landing.%s; nothing was changed", entry.Rows, rows, p.Table)
	}
	if _, err := l.tx.ExecContext(ctx, dropStage); err != nil {
		return fmt.Errorf("drop the temporary table: %w", err)
	}
	return nil
}
