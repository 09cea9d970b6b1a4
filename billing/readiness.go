package billing

import (
	"fmt"
	"strings"
	"time"
)

// SettledDay is the day of the next month from which a period may be closed. AppsFlyer mends its report of a month until the 7th of
// the next (support.appsflyer.com 360015179337), so nothing is final before.
const SettledDay = 8

// Readiness is what is known about a period that is to be closed. All of it is read from the warehouse, in the transaction that closes.
type Readiness struct {
	Period         Period
	EarlierOpen    []string  // earlier periods that have lines and are not closed
	LandedUntil    time.Time // end of the newest landed hour on which the marts stand
	TuneAskedAt    time.Time // newest complete fetch of TUNE's conversions that covers the last day; zero if there is none
	DaysNotRebuilt []string  // report dates with postbacks that no finished run has rebuilt
	LoadsNotTaken  int       // landed partitions of the period's days that no finished run has taken
	InFlight       int       // conversions that TUNE may still answer
}

// Objections says, in words for a person, why the period should not be closed yet; none if it may be.
func (r Readiness) Objections(zone *time.Location) []string {
	objections := []string{}
	object := func(wrong bool, format string, args ...any) {
		if wrong {
			objections = append(objections, fmt.Sprintf(format, args...))
		}
	}
	end := r.Period.End(zone)
	settled := end.AddDate(0, 0, SettledDay-1)
	object(len(r.EarlierOpen) > 0, "%s is still open: periods are closed in order", strings.Join(r.EarlierOpen, ", "))
	object(r.LandedUntil.Before(settled), "data has landed until %s, and MMPs mend a month until the %dth of the next: wait for %s",
		moment(r.LandedUntil, zone), SettledDay-1, settled.Format(DateLayout))
	object(r.TuneAskedAt.Before(end), "TUNE's last complete answer about %s is of %s, not from after that day: run `backstop fetch` and the day again",
		r.Period.LastDay(), moment(r.TuneAskedAt, zone))
	object(len(r.DaysNotRebuilt) > 0, "no finished run has rebuilt %s: run these days", strings.Join(r.DaysNotRebuilt, ", "))
	object(r.LoadsNotTaken > 0, "%d landed partitions of these days are in no finished run: run the last day again", r.LoadsNotTaken)
	object(r.InFlight > 0, "%d conversions are in flight, TUNE may still answer: wait for the next run", r.InFlight)
	return objections
}

func moment(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return "no time"
	}
	return at.In(zone).Format("2006-01-02 15:04")
}
