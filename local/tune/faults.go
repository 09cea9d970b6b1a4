package tune

import (
	"net"
	"net/http"
	"time"
)

// FaultKind is one way in which a postback call goes wrong.
type FaultKind string

// Kinds of faults. After ResetAfter the row exists although the caller saw an error: the ambiguous case.
const (
	NoFault     FaultKind = ""
	Unavailable FaultKind = "unavailable"  // 503, nothing recorded
	ResetBefore FaultKind = "reset_before" // connection reset, nothing recorded
	ResetAfter  FaultKind = "reset_after"  // recorded, then reset
	Slow        FaultKind = "slow"         // recorded and answered after Delay
)

// Fault is one fault; Delay is meant for Slow.
type Fault struct {
	Kind  FaultKind
	Delay time.Duration
}

// Faults are the shares (0 to 1) of postback calls that go wrong, drawn from the seed.
type Faults struct {
	Unavailable, ResetBefore, ResetAfter, Slow float64

	Delay       time.Duration // of the slow ones
	Maintenance bool          // everything, clicks and API too, answers 503
}

// SetFaults changes the shares while the stand-in runs.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// Inject makes the next postback calls go wrong, one fault each, before any share is drawn.
func (s *Server) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.injected = append(s.injected, faults...)
}

func (s *Server) inMaintenance() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.Maintenance
}

func (s *Server) nextFault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.injected) > 0 {
		fault := s.injected[0]
		s.injected = s.injected[1:]
		return fault
	}
	at := share(draw(s.config.Seed, "fault", s.drawn))
	s.drawn++
	shares := []struct {
		kind FaultKind
		of   float64
	}{
		{Unavailable, s.faults.Unavailable}, {ResetBefore, s.faults.ResetBefore},
		{ResetAfter, s.faults.ResetAfter}, {Slow, s.faults.Slow},
	}
	for _, share := range shares {
		if at < share.of {
			return Fault{Kind: share.kind, Delay: s.faults.Delay}
		}
		at -= share.of
	}
	return Fault{}
}

// before acts ahead of the recording and reports whether the call ends there.
func (f Fault) before(w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Unavailable:
		htmlError(w, http.StatusServiceUnavailable, "Service Unavailable")
		return true
	case ResetBefore:
		reset(w)
		return true
	case Slow:
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
		}
	}
	return false
}

// after acts once the row is recorded and reports whether the answer is lost.
func (f Fault) after(w http.ResponseWriter) bool {
	if f.Kind == ResetAfter {
		reset(w)
		return true
	}
	return false
}

// reset drops the connection with RST; it does not return where the connection cannot be taken over.
func reset(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		// The connection goes away in either case.
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// noteFault journals a call that ended before it was judged.
func (s *Server) noteFault(r *http.Request, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.Calls = append(s.account.Calls, s.arrive(r).call(r, verdict{}, fault))
}
