package traffic

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// calendar knows the planned days in the network's time zone.
type calendar struct {
	days []string
	zone *time.Location
}

func newCalendar(days []string, zone *time.Location) (calendar, error) {
	if len(days) == 0 || zone == nil {
		return calendar{}, fmt.Errorf("traffic needs at least one day and a time zone")
	}
	for i, day := range days {
		at, err := time.ParseInLocation(time.DateOnly, day, zone)
		if err != nil {
			return calendar{}, fmt.Errorf("day %q is not a date like 2026-11-19", day)
		}
		if i > 0 && at.AddDate(0, 0, -1).Format(time.DateOnly) != days[i-1] {
			return calendar{}, fmt.Errorf("day %s does not follow %s", day, days[i-1])
		}
	}
	return calendar{days, zone}, nil
}

// start is local midnight at the beginning of day i; i may be the number of days, for the end of the last.
func (c calendar) start(i int) time.Time {
	first, err := time.ParseInLocation(time.DateOnly, c.days[0], c.zone)
	if err != nil {
		return time.Time{}
	}
	return first.AddDate(0, 0, i)
}

func (c calendar) end() time.Time { return c.start(len(c.days)) }

func (c calendar) date(t time.Time) string { return t.In(c.zone).Format(time.DateOnly) }

// curve is how much of a day's traffic falls into each of its 24 parts: nights are quiet, evenings busy.
func curve() [24]float64 {
	return [24]float64{
		1.6, 1.1, 0.8, 0.6, 0.6, 0.8, 1.4, 2.2, 3.0, 3.6, 4.0, 4.4,
		4.8, 4.8, 4.6, 4.6, 5.0, 5.6, 6.4, 7.2, 7.6, 6.8, 5.0, 3.0,
	}
}

// moment draws an instant of day i by the curve, on a whole second.
func (c calendar) moment(rng *rand.Rand, i int) time.Time {
	weights := curve()
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at, part := rng.Float64()*total, 0
	for part < len(weights)-1 && at >= weights[part] {
		at -= weights[part]
		part++
	}
	length := c.start(i + 1).Sub(c.start(i))
	offset := (float64(part) + rng.Float64()) / float64(len(weights)) * float64(length)
	return c.start(i).Add(time.Duration(offset)).Truncate(time.Second)
}

// quiet moves a receipt out of the last second of an hour, which belongs to draining and observing. It stays on its day.
func (c calendar) quiet(t time.Time) time.Time {
	if t.Minute() != 59 || t.Second() != 59 {
		return t
	}
	if later := t.Add(1500 * time.Millisecond); c.date(later) == c.date(t) {
		return later
	}
	return t.Add(-2 * time.Second)
}
