// Package ingest is the way of a postback from the sender's HTTP request to the archive and to TUNE: receive, archive, forward.
//
// It holds the rules and the archived form of the data; the technologies stand in adapters below it. It promises that a request which was
// answered 200 is in the archive at least once, byte for byte, and that every postback which a route selects is sent at least once or has a
// last record that says why not.
package ingest

import "time"

// Postback is one request of a sender, as it arrived. A refused one (VerdictTooLarge) has neither query nor body, only their Size.
type Postback struct {
	ID         string
	ReceivedAt time.Time // the front's own request time, not the clock of a function
	Source     string    // a configured source, or UnknownSource
	Verdict    Verdict
	IPVerdict  IPVerdict

	Method   string
	Path     string // without the token
	RawQuery string // byte-exact, without '?'
	Headers  map[string]string
	Body     string // byte-exact

	SourceIP  string
	UserAgent string

	Fingerprint string // 64 hex digits, see Fingerprint
	Size        int    // bytes of what the sender sent, counted as MaxRequestBytes counts
}

// UnknownSource stands for every source name that the routes file does not know.
const UnknownSource = "unknown"

// Verdict says whether a postback can be trusted. Everything is stored; only VerdictOK is ever forwarded.
type Verdict string

// The verdicts on a request.
const (
	VerdictOK            Verdict = "ok"
	VerdictUnknownSource Verdict = "unknown_source"
	VerdictBadToken      Verdict = "bad_token"
	VerdictTooLarge      Verdict = "too_large"
)

// IPVerdict says whether the sender's address is in the source's published ranges. It is recorded, it never decides.
type IPVerdict string

// The verdicts on a sender's address.
const (
	IPListed    IPVerdict = "listed"
	IPNotListed IPVerdict = "not_listed"
	IPNoList    IPVerdict = "no_list" // the source has no ranges, or is unknown
)

// Verified says whether the sender proved to be the source it claims to be.
func (p Postback) Verified() bool { return p.Verdict == VerdictOK }

// Params decodes the parameters of the query and of a body that is a form or JSON.
func (p Postback) Params() Params {
	params := ParseParams(p.RawQuery)
	switch mediaType(p.Headers["content-type"]) {
	case "application/x-www-form-urlencoded":
		params = append(params, ParseParams(p.Body)...)
	case "application/json":
		params = append(params, ParseJSON(p.Body)...)
	}
	return params
}
