package redshift

import (
	"context"

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
