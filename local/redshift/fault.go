package redshift

import (
	"context"
	"sync"
	"time"

	"backstop/local/redshift/dialect"
)

// Faults makes the stand-in fail on demand. Its methods may be called at any time, from any goroutine.
type Faults struct {
	mu       sync.Mutex
	copyFile int
	commit   commitFault
	slow     time.Duration
	logins   int
}

type commitFault uint8

const (
	noFault commitFault = iota
	conflictAtCommit
	lostBeforeCommit
	lostAfterCommit
)

// FailCopyFile makes the n-th file (from 1) that COPY reads from now on fail, once.
func (f *Faults) FailCopyFile(n int) { f.set(func() { f.copyFile = n }) }

// ConflictAtCommit answers the next COMMIT with error 1023 and rolls back.
func (f *Faults) ConflictAtCommit() { f.set(func() { f.commit = conflictAtCommit }) }

// LoseBeforeCommit breaks the connection at the next COMMIT, which does not take effect.
func (f *Faults) LoseBeforeCommit() { f.set(func() { f.commit = lostBeforeCommit }) }

// LoseAfterCommit breaks the connection at the next COMMIT, which does take effect.
func (f *Faults) LoseAfterCommit() { f.set(func() { f.commit = lostAfterCommit }) }

// Slow makes every statement wait; 0 ends that.
func (f *Faults) Slow(wait time.Duration) { f.set(func() { f.slow = wait }) }

// RefuseLogins refuses the next n logins.
func (f *Faults) RefuseLogins(n int) { f.set(func() { f.logins = n }) }

// Clear takes back all that was ordered.
func (f *Faults) Clear() {
	f.set(func() { f.copyFile, f.commit, f.slow, f.logins = 0, noFault, 0, 0 })
}

func (f *Faults) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *Faults) refusesLogin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.logins == 0 {
		return false
	}
	f.logins--
	return true
}

// atCommit is the fault of this COMMIT, if it ends a transaction.
func (f *Faults) atCommit(inTransaction bool) commitFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !inTransaction {
		return noFault
	}
	fault := f.commit
	f.commit = noFault
	return fault
}

// copyFails counts a file of COPY and tells whether it is the one to fail.
func (f *Faults) copyFails() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.copyFile == 0 {
		return false
	}
	f.copyFile--
	return f.copyFile == 0
}

func (f *Faults) wait() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.slow
}

// delay waits as the faults say. A cancel request ends the waiting; the client is then told so.
func (x *session) delay(ctx context.Context) (cancelled bool, err error) {
	wait := x.owner.faults.wait()
	if wait == 0 {
		return false, nil
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	x.setStop(stop)
	defer x.setStop(nil)
	select {
	case <-time.After(wait):
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-waiting.Done():
		return true, x.refuse(&dialect.Error{Code: queryCancelled, Message: "Query cancelled on user's request"})
	}
}
