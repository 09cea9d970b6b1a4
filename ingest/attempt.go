package ingest

import (
	"context"
	"time"
)

// Outcome is what became of one attempt to forward a postback.
type Outcome string

// The outcomes.
const (
	Accepted  Outcome = "accepted"
	Duplicate Outcome = "duplicate" // the destination has it already; whose repeat it was is derived later, from all attempts
	Rejected  Outcome = "rejected"  // the destination said no, in its own words
	Transient Outcome = "transient" // not taken, worth another try
	Unknown   Outcome = "unknown"   // sent, but no usable answer: it may or may not have been taken
	Expired   Outcome = "expired"   // the tries are used up
	Withheld  Outcome = "withheld"  // a rule of ours said no
)

// Final says whether nothing more will be tried.
func (o Outcome) Final() bool { return o != Transient && o != Unknown }

// Why a postback was withheld.
const (
	ReasonMMPRejected = "mmp_rejected"
	ReasonShadow      = "shadow"
	ReasonNoRoute     = "no_route"
)

// Result is what a destination made of one send.
type Result struct {
	URL        string // as sent, secrets removed
	StatusCode int    // 0 if there was no answer
	Outcome    Outcome
	Reason     string
	Response   string // its first 512 bytes
	Latency    time.Duration
}

// Sender sends once and judges the answer. It never fails otherwise than by an outcome, and it does not repeat: the queue does.
type Sender interface {
	Send(ctx context.Context, variables map[string]string) Result
}

// Destination is where a route leads.
type Destination struct {
	Concurrency int           // sends at a time
	Timeout     time.Duration // of one send
	Sender      Sender
}

// Attempt is the record of one send, or of the decision not to send.
type Attempt struct {
	ID           string // the line, too, can be archived twice
	PostbackID   string
	Route        string
	Destination  string
	Variables    map[string]string
	Attempt      int
	ReceiveCount int
	ReplayID     string
	At           time.Time
	Result       Result
}

// Line encodes the attempt, newline included; it is loadable in the same sense as PostbackRecord.Line.
func (a Attempt) Line() []byte {
	o := &object{}
	o.number("v", 1)
	o.text("attempt_id", a.ID)
	o.text("postback_id", a.PostbackID)
	o.text("route", a.Route)
	o.text("destination", a.Destination)
	o.object("variables", textsByKey(a.Variables))
	o.number("attempt", a.Attempt)
	o.number("receive_count", a.ReceiveCount)
	o.text("replay_id", a.ReplayID)
	o.time("attempted_at", a.At)
	o.text("url", a.Result.URL)
	o.number("status_code", a.Result.StatusCode)
	o.text("outcome", string(a.Result.Outcome))
	o.text("reason", a.Result.Reason)
	o.text("response", a.Result.Response)
	o.number("latency_ms", int(a.Result.Latency.Milliseconds()))
	o.flag("final", a.Result.Outcome.Final())
	return append(o.close(), '\n')
}
