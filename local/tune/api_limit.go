package tune

import (
	"fmt"
	"sync"
	"time"
)

// limiter counts calls in fixed windows of real time. Without calls it never refuses.
type limiter struct {
	calls  int
	window time.Duration
	now    func() time.Time

	mu    sync.Mutex
	began time.Time
	used  int
}

// take counts one call and reports the usage of the window and whether it is over the limit.
func (l *limiter) take() (usage int, over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Sub(l.began) >= l.window {
		l.began, l.used = now, 0
	}
	l.used++
	return l.used, l.calls > 0 && l.used > l.calls
}

func (l *limiter) refusal(usage int) string {
	return fmt.Sprintf("API usage exceeded rate limit.  Configured: %d/%ds window; Your usage: %d.  "+
		"See https://help.tune.com/hasoffers/rate-limit-error/ for guidance.", l.calls, int(l.window.Seconds()), usage)
}
