package redshift

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

const (
	conflictTries = 12 // eight loaders on one partition need no more than eight turns
	lostTries     = 3
	firstPause    = 50 * time.Millisecond
	longestPause  = 5 * time.Second
)

// again runs one whole transaction, and runs it again from BEGIN after a conflict with another one or after a connection that
// was lost before COMMIT. The pause doubles, with full jitter, so that those who collided spread out.
func (w *Warehouse) again(ctx context.Context, transaction func() error) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := transaction()
		tries := triesFor(err)
		if try >= tries {
			if tries > 1 {
				err = fmt.Errorf("after %d tries: %w", try, err)
			}
			return Classified(err)
		}
		if err := w.config.Wait(ctx, rand.N(pause)+time.Millisecond); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}

// triesFor gives the number of tries that an error is worth. What has a class already was judged where it happened.
func triesFor(err error) int {
	var judged *loader.Error
	switch {
	case err == nil, errors.As(err, &judged):
		return 1
	case conflict(err):
		return conflictTries
	case connectionLost(err):
		return lostTries
	default:
		return 1
	}
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
	if _, err := tx.ExecContext(ctx, lockStatement); err != nil {
		tx.Rollback() // the failed LOCK is what counts
		return nil, fmt.Errorf("lock landing.load_lock: %w", err)
	}
	return tx, nil
}
