package redshift

import (
	"context"
	"fmt"
	"slices"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

// Purge removes the table's rows that arrived before the date, and enters each of their partitions as purged, in one transaction:
// those of the ledger and those that only the table has. It gives these entries, oldest first, with the removed rows in RowsBefore.
// A partition that is purged already is left alone, so that a second purge finds nothing. Redshift gives the space back at its
// next VACUUM.
func (w *Warehouse) Purge(ctx context.Context, p loader.Purge) ([]loader.Entry, error) {
	if !slices.Contains(loader.Tables(), p.Table) {
		return nil, loader.Fail(loader.Configuration, "there is no table %q; the tables are %v", p.Table, loader.Tables())
	}
	var entries []loader.Entry
	err := w.again(ctx, func() error {
		var err error
		entries, err = w.purgeOnce(ctx, p)
		return err
	})
	return entries, err
}

func (w *Warehouse) purgeOnce(ctx context.Context, p loader.Purge) ([]loader.Entry, error) {
	tx, err := w.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // without effect after COMMIT; before it, the first error is the one that counts
	entries, err := purgeable(ctx, tx, p)
	if err != nil || p.DryRun || len(entries) == 0 {
		return entries, err
	}
	if err := remove(ctx, tx, p, entries); err != nil {
		return nil, err
	}
	if err := insertEntries(ctx, tx, entries); err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return entries, w.settle(ctx, entries[0].LoadID, fmt.Errorf("commit: %w", err))
	}
	return entries, nil
}

// purgeable gives the entries that a purge will make.
func purgeable(ctx context.Context, tx *sqlx.Tx, p loader.Purge) ([]loader.Entry, error) {
	now, err := warehouseClock(ctx, tx)
	if err != nil {
		return nil, err
	}
	counts, err := rowsBefore(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	ledger, err := newest(ctx, tx, "0001-01-01", p.Before)
	if err != nil {
		return nil, err
	}
	for partition := range ledger {
		if _, counted := counts[partition]; !counted && partition.Table == p.Table && partition.Date < p.Before {
			counts[partition] = 0
		}
	}
	var entries []loader.Entry
	for partition, rows := range counts {
		previous, known := ledger[partition]
		if known && previous.Status == loader.Purged && rows == 0 {
			continue
		}
		entry := loader.Entry{LoadID: p.NewID(), Partition: partition, Digest: previous.Digest, RowsBefore: rows, Status: loader.Purged, LoadedAt: now}
		if known && !now.After(previous.LoadedAt) {
			entry.LoadedAt = previous.LoadedAt.Add(time.Microsecond)
		}
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, loader.ByTime)
	return entries, nil
}

func rowsBefore(ctx context.Context, tx *sqlx.Tx, p loader.Purge) (map[loader.Partition]int64, error) {
	var counted []struct {
		Date time.Time `db:"dt"`
		Hour int       `db:"hr"`
		Rows int64     `db:"count"`
	}
	if err := tx.SelectContext(ctx, &counted, "SELECT dt, hr, COUNT(*) AS count FROM landing."+p.Table+" WHERE dt < $1 GROUP BY dt, hr", p.Before); err != nil {
		return nil, fmt.Errorf("count the rows of landing.%s: %w", p.Table, err)
	}
	counts := map[loader.Partition]int64{}
	for _, c := range counted {
		counts[loader.Partition{Table: p.Table, Date: c.Date.Format(loader.DateLayout), Hour: c.Hour}] = c.Rows
	}
	return counts, nil
}

// remove deletes the rows and refuses to delete another number of them than were counted.
func remove(ctx context.Context, tx *sqlx.Tx, p loader.Purge, entries []loader.Entry) error {
	deleted, err := tx.ExecContext(ctx, "DELETE FROM landing."+p.Table+" WHERE dt < $1", p.Before)
	if err != nil {
		return fmt.Errorf("delete from landing.%s: %w", p.Table, err)
	}
	rows, err := deleted.RowsAffected()
	if err != nil {
		return fmt.Errorf("count the deleted rows: %w", err)
	}
	var counted int64
	for _, e := range entries {
		counted += e.RowsBefore
	}
	if rows != counted {
		return loader.Fail(loader.Data, "%d rows of landing.%s lie before %s, but %d would be deleted; nothing was changed", counted, p.Table, p.Before, rows)
	}
	return nil
}
