package redshift

import (
	"context"
	"fmt"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

// RecordEmpty enters partitions without files in the ledger, all in one transaction and without COPY. A partition that has an
// entry by now, because somebody else loaded it, is left alone.
func (w *Warehouse) RecordEmpty(ctx context.Context, empties []loader.Entry) error {
	return w.again(ctx, func() error {
		return w.locked(ctx, func(tx *sqlx.Tx) error {
			from, to := empties[0].Partition.Date, empties[0].Partition.Date
			for _, e := range empties {
				from, to = min(from, e.Partition.Date), max(to, e.Partition.Date)
			}
			ledger, err := newest(ctx, tx, from, to)
			if err != nil {
				return err
			}
			now, err := warehouseClock(ctx, tx)
			if err != nil {
				return err
			}
			var missing []loader.Entry
			for _, e := range empties {
				if _, known := ledger[e.Partition]; !known {
					e.LoadedAt = now
					missing = append(missing, e)
				}
			}
			return insertEntries(ctx, tx, missing)
		})
	})
}

// locked runs fn in a transaction that holds landing.load_lock from its first statement on. The lock comes before anything that
// takes a snapshot: a transaction that waited for it sees all that its predecessor wrote, so two loads of one partition cannot
// both believe that it is empty. Readers of the landing tables are not held up.
func (w *Warehouse) locked(ctx context.Context, fn func(*sqlx.Tx) error) error {
	tx, err := w.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() // without effect after COMMIT; before it, the first error is the one that counts
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (w *Warehouse) begin(ctx context.Context) (*sqlx.Tx, error) {
	tx, err := w.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "LOCK landing.load_lock"); err != nil {
		tx.Rollback() // the failed LOCK is what counts
		return nil, fmt.Errorf("lock landing.load_lock: %w", err)
	}
	return tx, nil
}
