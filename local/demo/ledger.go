package demo

import (
	"fmt"
	"time"

	"backstop/local/traffic"
)

// Ledger is every account of the same postbacks, each from its own source.
type Ledger struct {
	Requests []traffic.Entry       // what the senders saw
	Archived map[string]time.Time  // postback id → receipt, from the archive's files
	Landed   map[string]time.Time  // from the landing table
	Forwards map[string]forwarding // from the landing table of forwards
	InFlight map[string]bool       // postback ids whose conversion is in flight, from the marts
	Verified map[string]bool       // postback ids that a route could select, from the marts
	Classes  int                   // rows of the reconciliation
	Explains int                   // conversions, and rows that only TUNE has
}

// Imbalances says in words, with examples, where the accounts differ. None means that nothing was lost and nothing is unexplained.
func (l Ledger) Imbalances() []string {
	var wrong []string
	answered, failed := map[string]bool{}, 0
	for _, r := range l.Requests {
		if r.Failed() {
			failed++
		} else {
			answered[r.PostbackID] = true
		}
	}
	say := func(what string, ids []string) {
		if len(ids) > 0 {
			wrong = append(wrong, fmt.Sprintf("%d %s, for example %s", len(ids), what, ids[0]))
		}
	}
	say("answered postbacks are not in the archive", missing(answered, l.Archived))
	say("answered postbacks have not landed", missing(answered, l.Landed))
	say("archived postbacks have not landed", missing(l.Archived, l.Landed))
	if extra := missing(l.Archived, answered); len(extra) > failed {
		say(fmt.Sprintf("archived postbacks belong to no request, though only %d requests failed", failed), extra)
	}
	say("verified postbacks have no final outcome and are not in flight", l.unsettled())
	if l.Classes != l.Explains {
		wrong = append(wrong, fmt.Sprintf("the reconciliation has %d rows for %d conversions and rows that only TUNE has", l.Classes, l.Explains))
	}
	return wrong
}

func (l Ledger) unsettled() []string {
	var ids []string
	for id := range l.Verified {
		if !l.Forwards[id].Final && !l.InFlight[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// missing lists the keys of a that b lacks.
func missing[A, B any](a map[string]A, b map[string]B) []string {
	var ids []string
	for id := range a {
		if _, ok := b[id]; !ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// countDays counts requests, archived, landed and forwarded postbacks by their local receipt date.
func (l Ledger) countDays(days map[string]*Day, zone *time.Location) {
	for _, r := range l.Requests {
		day := days[r.Day]
		if day == nil {
			continue
		}
		day.Sent++
		switch {
		case r.Received():
			day.Received++
		case r.Refused():
			day.Refused++
		default:
			day.Failed++
		}
	}
	on := func(at time.Time) *Day { return days[at.In(zone).Format(time.DateOnly)] }
	for _, at := range l.Archived {
		if day := on(at); day != nil {
			day.Archived++
		}
	}
	for id, at := range l.Landed {
		day := on(at)
		if day == nil {
			continue
		}
		day.Landed++
		if l.Forwards[id].Sent {
			day.Forwarded++
		}
	}
}
