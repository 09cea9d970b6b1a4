package tune

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"backstop/local/clock"
)

// PausedPolicy says what becomes of a postback for an offer that is not active.
type PausedPolicy string

// The premise of Backstop is IgnoreSilently; the others exist because no public text settles it.
const (
	IgnoreSilently PausedPolicy = "ignore_silent" // success=true; and no row
	IgnoreAloud    PausedPolicy = "ignore_err"    // success=false and no row
	RecordPaused   PausedPolicy = "record"        // as if the offer were active
)

// Config describes the account. The zero value of an optional field switches that behaviour off.
type Config struct {
	Clock        *clock.Clock
	Zone         *time.Location // the network's time zone: every datetime of the API is in it, without an offset
	Seed         uint64         // fixes transaction ids, visibility lag, listing order and faults
	NetworkID    string
	NetworkToken string
	Currency     string // of offers created without one; USD if empty

	MostRows int              // Conversion::findAll of more rows than this is answered by 504
	RealTime func() time.Time // by which the rate limit counts; time.Now if nil

	PausedPolicy  PausedPolicy  // IgnoreSilently if empty
	UniqueIDs     bool          // "Limit Conversion by Unique ID": the only repeat check, over all offers, for ever
	CallsPer10s   int           // API rate limit, on real time; TUNE's is 50
	WidestDays    int           // Conversion::findAll over more days than this is answered by 504
	RawLogDelay   time.Duration // a click log is published so long after its hour
	VisibilityLag time.Duration // a conversion shows in the API after 0 to this long
	Faults        Faults
}

// Server is the stand-in. It is an http.Handler and safe for concurrent use.
type Server struct {
	config Config
	limit  limiter

	mu       sync.Mutex
	faults   Faults
	injected []Fault
	drawn    uint64 // faults decided so far
	account  account
}

// New returns an account without offers.
func New(config Config) *Server {
	if config.PausedPolicy == "" {
		config.PausedPolicy = IgnoreSilently
	}
	if config.Currency == "" {
		config.Currency = "USD"
	}
	if config.RealTime == nil {
		config.RealTime = time.Now
	}
	return &Server{
		config: config, faults: config.Faults, account: newAccount(),
		limit: limiter{calls: config.CallsPer10s, window: 10 * time.Second, now: config.RealTime},
	}
}

// ServeHTTP answers clicks (/aff_c), postbacks (/aff_lsr, /aff_goal), the API (/Apiv3/json) and links to raw logs.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.config.Clock.Now().Format(http.TimeFormat))
	if s.inMaintenance() {
		htmlError(w, http.StatusServiceUnavailable, "Down for maintenance")
		return
	}
	switch strings.TrimSuffix(r.URL.Path, "/") {
	case "/aff_c":
		s.click(w, r)
	case "/aff_lsr", "/aff_goal":
		s.postback(w, r)
	case "/Apiv3/json":
		s.api(w, r)
	default:
		if strings.HasPrefix(r.URL.Path, linkPrefix+"/") {
			s.download(w, r)
			return
		}
		htmlError(w, http.StatusNotFound, "Not Found")
	}
}

func htmlError(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	// A client that has gone away is no news to a server.
	_, _ = w.Write([]byte("<html><body><h1>" + text + "</h1></body></html>"))
}

// sourceIP is the caller's address: the front's stand-in header if it is set, else the peer of the connection.
func sourceIP(r *http.Request) string {
	if ip := r.Header.Get("X-Backstop-Source-Ip"); ip != "" {
		return ip
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
