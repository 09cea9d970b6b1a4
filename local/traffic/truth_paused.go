package traffic

import "time"

// paused says whether an offer was paused at an instant, as far as anyone could know who saw TUNE's listings: a listing at O that shows a
// status last modified at M proves it from M to O. Goals never change in a plan, so a listing of goals proves them from the beginning.
func (w *witness) paused(c Case, at time.Time) string {
	if c.Goal >= 0 && !w.goalsProven(at) {
		return "unknown"
	}
	for _, listing := range w.tune.Listings {
		if listing.Target != "Offer" || listing.At.Before(at) {
			continue
		}
		status, modified := w.statusAt(c.Offer, listing.At)
		if modified.After(at) {
			continue
		}
		if status == "active" {
			return "no"
		}
		return "yes"
	}
	return "unknown"
}

func (w *witness) goalsProven(at time.Time) bool {
	for _, listing := range w.tune.Listings {
		if listing.Target == "Goal" && !listing.At.Before(at) {
			return !at.Before(w.plan.Opening)
		}
	}
	return false
}

// statusAt is an offer's status as a listing at that time showed it, and since when the offer had not been touched.
func (w *witness) statusAt(offer int, at time.Time) (status string, modified time.Time) {
	status, modified = "active", w.plan.Opening
	for _, change := range w.journal.Changes {
		if change.Offer != offer || change.At.After(at) {
			continue
		}
		modified = change.At
		if change.Field == "status" {
			status = change.Value
		}
	}
	return status, modified
}
