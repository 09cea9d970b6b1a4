// Package clock is the one time of the stand-ins. Real time flows; simulated time stands still until it is set,
// so that days can be played in seconds. Only stand-ins read it: production code never knows.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time of a local stack. It is safe for concurrent use.
type Clock struct {
	mu        sync.RWMutex
	simulated bool
	now       time.Time
}

// Real returns a clock that follows the machine's.
func Real() *Clock { return &Clock{} }

// At returns a simulated clock that stands at t until Set moves it.
func At(t time.Time) *Clock { return &Clock{simulated: true, now: t} }

// Now returns the clock's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.simulated {
		return c.now.UTC()
	}
	return time.Now().UTC()
}

// Set puts the clock at t, where it stands. A real clock becomes a simulated one. Time may be set back.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.simulated, c.now = true, t
}

// Simulated reports whether the clock stands still between calls of Set.
func (c *Clock) Simulated() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.simulated
}
