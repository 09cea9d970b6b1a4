package redshift

import (
	"context"
	"fmt"

	"backstop/loader"
)

// Check lets COPY read the files of the replacement's manifest without loading a row (NOLOAD), and gives the error with which a
// load would fail on them. Nothing is locked and nothing stays.
func (w *Warehouse) Check(ctx context.Context, r loader.Replacement) error {
	copied, err := w.copyStatement(r)
	if err != nil {
		return err
	}
	return w.again(ctx, func() error {
		tx, err := w.db.BeginTxx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer tx.Rollback() // also after success: there is nothing to keep
		began, err := warehouseClock(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, createStage); err != nil {
			return fmt.Errorf("create the temporary table: %w", err)
		}
		if _, err := tx.ExecContext(ctx, copied+" NOLOAD"); err != nil {
			return w.explain(ctx, r.Manifest, began, err)
		}
		return nil
	})
}
