// Package chance decides by a seed which occasions a fault strikes, so that a run with faults can be run again.
package chance

import (
	"encoding/binary"
	"hash/fnv"
	"sync"
)

// Chance counts occasions by kind. The zero value has seed 0. It is safe for concurrent use; which of several
// concurrent callers is struck depends on their order, how many are does not.
type Chance struct {
	mu     sync.Mutex
	seed   int64
	counts map[string]int64
}

// Reset sets the seed and starts all counts anew.
func (c *Chance) Reset(seed int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seed, c.counts = seed, nil
}

// Strikes counts one occasion of a kind and reports whether it is struck: one in every so many, never for 0, always for 1.
func (c *Chance) Strikes(kind string, every int) bool {
	if every <= 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int64{}
	}
	c.counts[kind]++
	h := fnv.New64a()
	h.Write([]byte(kind)) // a hash's Write never fails
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(c.seed)))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(c.counts[kind])))
	return h.Sum64()>>16%uint64(every) == 0
}
