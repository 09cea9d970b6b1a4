package ingest

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"
)

// recordReserve is kept free at the end of an invocation, so that what was sent can be recorded: no send starts that would eat into it.
const recordReserve = 10 * time.Second

// Delivery is a message as the queue hands it out.
type Delivery struct {
	MessageID    string
	ReceiveCount int // 1 for the first
	Body         []byte
}

// Failure is a delivery that must come again.
type Failure struct {
	MessageID string
	Reason    error
}

// Decision says what becomes of a verified postback.
type Decision struct {
	MMPRejected bool              // the sender itself calls it rejected
	Route       string            // "" if no route selects it
	Destination string            // of the route
	Variables   map[string]string // for the destination's URL
	Shadow      bool              // the route only watches
}

// Router decides. The same postback under the same version gets the same decision.
type Router interface {
	Decide(p Postback) Decision
	Version() string
}

// Archive keeps lines; see Archiver.Archive.
type Archive interface {
	Archive(ctx context.Context, lines [][]byte) []error
}

// Forwarder takes batches from the queue: it archives every postback, then forwards, then records what became of each.
type Forwarder struct {
	Router       Router
	Destinations map[string]Destination
	Postbacks    Archive
	Attempts     Archive
	NewID        func(at time.Time) string
	Now          func() time.Time
	MaxReceives  int // after so many the queue gives a message up, so the last one must settle it
	Meter        *Meter
}

// item is one delivery on its way through a batch.
type item struct {
	Delivery
	message  Message
	decision Decision
	attempt  *Attempt // nil while nothing was decided or sent
	err      error    // set: the delivery must come again
}

// Forward handles a batch and answers which deliveries must come again: those that are no message of ours, that are not archived, whose
// attempt is not recorded or not final, or for which no time was left.
func (f *Forwarder) Forward(ctx context.Context, batch []Delivery) []Failure {
	items := make([]*item, len(batch))
	for i, delivery := range batch {
		items[i] = &item{Delivery: delivery}
		items[i].message, items[i].err = DecodeMessage(delivery.Body)
	}
	f.archive(ctx, items)
	f.forward(ctx, items)
	f.record(ctx, items)
	var failures []Failure
	for _, it := range items {
		if it.err != nil {
			failures = append(failures, Failure{it.MessageID, it.err})
		}
	}
	return failures
}

// archive decides about each postback and keeps it. A retry or a replay was kept when it first came.
func (f *Forwarder) archive(ctx context.Context, items []*item) {
	var kept []*item
	var lines [][]byte
	for _, it := range items {
		if it.err != nil {
			continue
		}
		if it.message.Postback.Verified() {
			it.decision = f.Router.Decide(it.message.Postback)
		}
		if it.message.Attempt == 1 && it.message.ReplayID == "" {
			kept, lines = append(kept, it), append(lines, f.line(it))
		}
	}
	keep(ctx, f.Postbacks, kept, lines)
}

func (f *Forwarder) line(it *item) []byte {
	return PostbackRecord{
		Postback: it.message.Postback, MMPRejected: it.decision.MMPRejected, RoutesVersion: f.Router.Version(),
		MessageID: it.MessageID, ReceiveCount: it.ReceiveCount, ArchivedAt: f.Now(),
	}.Line()
}

// forward settles every archived and verified postback, at most Concurrency at a time for each destination. It ends when all have ended.
func (f *Forwarder) forward(ctx context.Context, items []*item) {
	slots := map[string]chan struct{}{}
	for name, destination := range f.Destinations {
		slots[name] = make(chan struct{}, destination.Concurrency)
	}
	var sends sync.WaitGroup
	for _, it := range items {
		if it.err != nil || !it.message.Postback.Verified() {
			continue
		}
		if reason := it.decision.withheld(); reason != "" {
			it.attempt = f.attempt(it, Result{Outcome: Withheld, Reason: reason})
			continue
		}
		slot, known := slots[it.decision.Destination]
		if !known {
			it.err = fmt.Errorf("route %s leads to %q, which is no destination", it.decision.Route, it.decision.Destination)
			continue
		}
		sends.Go(func() {
			slot <- struct{}{}
			defer func() { <-slot }()
			f.send(ctx, it)
		})
	}
	sends.Wait()
}

func (d Decision) withheld() string {
	switch {
	case d.MMPRejected:
		return ReasonMMPRejected
	case d.Route == "":
		return ReasonNoRoute
	case d.Shadow:
		return ReasonShadow
	default:
		return ""
	}
}

// send makes one attempt if it can end in time. At the last receive whatever is not final expires: the dead-letter queue is for our own
// faults, not for a destination's.
func (f *Forwarder) send(ctx context.Context, it *item) {
	destination := f.Destinations[it.decision.Destination]
	last := it.ReceiveCount >= f.MaxReceives
	if deadline, ok := ctx.Deadline(); ok && deadline.Sub(f.Now()) < destination.Timeout+recordReserve {
		it.err = fmt.Errorf("no time left in the batch for %s", it.decision.Destination)
		if last {
			it.err = nil
			it.attempt = f.attempt(it, Result{Outcome: Expired, Reason: "not sent: no time left in the batch of the last receive"})
		}
		return
	}
	it.attempt = f.attempt(it, Result{})
	ctx, cancel := context.WithTimeout(ctx, destination.Timeout)
	defer cancel()
	it.attempt.Result = destination.Sender.Send(ctx, it.decision.Variables)
	if last {
		it.attempt.Result = it.attempt.Result.atLast()
	}
}

// atLast is the result when nothing will be tried after it.
func (r Result) atLast() Result {
	if !r.Outcome.Final() {
		r.Reason = string(r.Outcome) + ": " + r.Reason
		r.Outcome = Expired
	}
	return r
}

func (f *Forwarder) attempt(it *item, result Result) *Attempt {
	now := f.Now()
	return &Attempt{
		ID: f.NewID(now), PostbackID: it.message.Postback.ID, Route: it.decision.Route, Destination: it.decision.Destination,
		Variables: it.decision.Variables, Attempt: it.message.Attempt, ReceiveCount: it.ReceiveCount, ReplayID: it.message.ReplayID,
		At: now, Result: result,
	}
}

// record keeps every attempt; one that is kept but not final sends its delivery back to the queue.
func (f *Forwarder) record(ctx context.Context, items []*item) {
	var kept []*item
	var lines [][]byte
	for _, it := range items {
		if it.attempt != nil {
			kept, lines = append(kept, it), append(lines, it.attempt.Line())
		}
	}
	keep(ctx, f.Attempts, kept, lines)
	for _, it := range kept {
		result := it.attempt.Result
		destination := cmp.Or(it.decision.Destination, "none") // CloudWatch refuses an empty dimension
		f.Meter.Count("attempts", 1, Dimension{"destination", destination}, Dimension{"outcome", string(result.Outcome)})
		if it.err == nil && !result.Outcome.Final() {
			it.err = fmt.Errorf("%s answered nothing final: %s", it.decision.Destination, result.Outcome)
		}
	}
}

func keep(ctx context.Context, archive Archive, items []*item, lines [][]byte) {
	if len(lines) == 0 {
		return
	}
	for i, err := range archive.Archive(ctx, lines) {
		if err != nil {
			items[i].err = err
		}
	}
}
