package sqs

import (
	"sync"

	"backstop/local/chance"
)

// Faults are what a standard queue may do. Each is "one in so many", chosen by the seed: 0 never, 1 always.
type Faults struct {
	Seed           int64
	DuplicateEvery int // messages delivered a second time with the same MessageId
	RefuseEvery    int // sends answered 503; in a batch, entries reported as failed
	ForgetEvery    int // deletes answered as done, of messages that stay
}

// faults decides which calls are struck.
type faults struct {
	mu     sync.Mutex
	set    Faults
	twice  bool // the next message is delivered a second time
	chance chance.Chance
}

// SetFaults replaces the faults and starts their counts anew.
func (s *Server) SetFaults(f Faults) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.set = f
	s.faults.chance.Reset(f.Seed)
}

func (f *faults) now() Faults {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.set
}

// DuplicateNext has the next message that is sent delivered a second time, whatever the seed says.
func (s *Server) DuplicateNext() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.twice = true
}

func (f *faults) duplicates() bool {
	struck := f.chance.Strikes("duplicate", f.now().DuplicateEvery)
	f.mu.Lock()
	defer f.mu.Unlock()
	struck = struck || f.twice
	f.twice = false
	return struck
}

func (f *faults) refuses() bool { return f.chance.Strikes("refuse", f.now().RefuseEvery) }
func (f *faults) forgets() bool { return f.chance.Strikes("forget", f.now().ForgetEvery) }
