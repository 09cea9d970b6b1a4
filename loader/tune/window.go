package tune

import (
	"time"

	"backstop/loader"
)

// window is a span of the network's wall-clock time, both ends included, to the second. Its times are labels without a zone (kept
// as UTC): TUNE filters by what its clock showed, so a day of 23 or 25 hours needs no special care.
type window struct {
	from, to time.Time
}

// narrowest is the shortest window that is tried when TUNE answers 504.
const narrowest = 15 * time.Minute

// days gives a window for each day from the first to the last date. A day is also the unit that is read again when its rows change
// between pages, and a day is rarely too wide.
func days(from, to string) ([]window, error) {
	first, err := time.Parse(loader.DateLayout, from)
	if err != nil {
		return nil, loader.Fail(loader.Configuration, "%q is not a date of the form 2026-11-19", from)
	}
	last, err := time.Parse(loader.DateLayout, to)
	if err != nil {
		return nil, loader.Fail(loader.Configuration, "%q is not a date of the form 2026-11-19", to)
	}
	if last.Before(first) {
		return nil, loader.Fail(loader.Configuration, "the window ends on %s, before it begins on %s", to, from)
	}
	var windows []window
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		windows = append(windows, window{day, day.AddDate(0, 0, 1).Add(-time.Second)})
	}
	return windows, nil
}

// halves cuts the window in two; ok is false when it is too narrow for that.
func (w window) halves() (first, second window, ok bool) {
	if w.to.Sub(w.from) < 2*narrowest {
		return w, w, false
	}
	middle := w.from.Add(w.to.Sub(w.from) / 2).Truncate(time.Second)
	return window{w.from, middle}, window{middle.Add(time.Second), w.to}, true
}
