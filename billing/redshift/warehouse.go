// Package redshift keeps decisions and closings in the warehouse: it reads the marts and appends to the schema billing, nothing else.
package redshift

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Warehouse is the schema billing of one Redshift database, and the marts beside it. It is safe for concurrent use.
type Warehouse struct{ db *sqlx.DB }

// New works on the connection pool; its owner closes it.
func New(db *sqlx.DB) *Warehouse { return &Warehouse{db} }

// locked runs fn in a transaction that holds billing.lock from its first statement on, so that whoever decides or closes sees all that was
// decided and closed before.
func (w *Warehouse) locked(ctx context.Context, fn func(*sqlx.Tx) error) error {
	tx, err := w.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // without effect after COMMIT; before it, the first error is the one that counts
	if _, err := tx.ExecContext(ctx, "LOCK billing.lock"); err != nil {
		return fmt.Errorf("lock billing.lock: %w", err)
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// step is one statement of a transaction, with what it is for.
type step struct {
	what, statement string
	args            []any
}

func carryOut(ctx context.Context, tx *sqlx.Tx, steps []step) error {
	for _, s := range steps {
		if _, err := tx.ExecContext(ctx, s.statement, s.args...); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
	}
	return nil
}
