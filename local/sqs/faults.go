package sqs

import (
	"encoding/binary"
	"hash/fnv"
	"sync"
)

// Faults are what a standard queue may do. Each is "one in so many", chosen by the seed alone: 0 never, 1 always.
type Faults struct {
	Seed           int64
	DuplicateEvery int // messages delivered a second time with the same MessageId
	RefuseEvery    int // sends answered 503; in a batch, entries reported as failed
	ForgetEvery    int // deletes answered as done, of messages that stay
}

type fault string

const (
	duplicate  fault = "duplicate"
	refuseSend fault = "refuse"
	loseDelete fault = "forget"
)

// faults decides which calls are struck.
type faults struct {
	mu     sync.Mutex
	set    Faults
	counts map[fault]int64
}

// SetFaults replaces the faults and starts their counts anew.
func (s *Server) SetFaults(f Faults) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.set, s.faults.counts = f, map[fault]int64{}
}

// strikes counts one occasion of a fault and reports whether it happens there.
func (f *faults) strikes(kind fault) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	every := map[fault]int{duplicate: f.set.DuplicateEvery, refuseSend: f.set.RefuseEvery, loseDelete: f.set.ForgetEvery}[kind]
	if every <= 0 {
		return false
	}
	f.counts[kind]++
	h := fnv.New64a()
	h.Write([]byte(kind))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(f.set.Seed)))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(f.counts[kind])))
	return h.Sum64()%uint64(every) == 0
}
