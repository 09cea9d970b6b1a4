package redshift

import (
	"context"
	"errors"
	"fmt"
	"time"

	"backstop/loader"

	"github.com/lib/pq"
)

// settleTime is how long the ledger may be out of reach before a lost COMMIT is given up as unknown.
const settleTime = 30 * time.Second

// settle finds out whether a COMMIT whose answer is missing took effect. nil: it did. Otherwise it did not and the answer is
// the error of the COMMIT, or it cannot be known now; the next load then sees it in the ledger. It takes the load's lock first:
// once it holds the lock, the lost transaction has ended one way or the other.
func (w *Warehouse) settle(ctx context.Context, loadID string, lost error) error {
	if refused := pq.As(lost); (refused != nil && !connectionLost(lost)) || errors.Is(lost, context.Canceled) || errors.Is(lost, context.DeadlineExceeded) {
		return lost // the warehouse said no, or COMMIT was never sent
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		landed, err := w.landed(ctx, loadID)
		switch {
		case err == nil && landed:
			return nil
		case err == nil:
			return lost
		}
		if w.config.Wait(ctx, pause) != nil {
			return loader.Fail(loader.Transient, "the connection was lost at COMMIT and the ledger cannot be asked (%v), so it is unknown whether load %s took effect; load again, the ledger will tell: %w", err, loadID, lost)
		}
	}
}

func (w *Warehouse) landed(ctx context.Context, loadID string) (bool, error) {
	tx, err := w.begin(ctx)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() // nothing was written
	var entries int
	if err := tx.GetContext(ctx, &entries, "SELECT COUNT(*) FROM landing.loads WHERE load_id = $1", loadID); err != nil {
		return false, fmt.Errorf("look up the load in landing.loads: %w", err)
	}
	return entries > 0, nil
}
