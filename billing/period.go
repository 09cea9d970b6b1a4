// Package billing closes periods and records what people decide about conversions: what may be closed, what a closing booked, what an
// invoice says. It knows no technology; billing/redshift keeps it in the warehouse, beside the marts that dbt makes.
package billing

import (
	"fmt"
	"time"
)

// DateLayout is the form of every date.
const DateLayout = "2006-01-02"

const periodLayout = "2006-01"

// Period is a month of report dates, days in the network's time zone.
type Period struct{ first time.Time }

// ParsePeriod reads a month of the form 2026-11.
func ParsePeriod(text string) (Period, error) {
	first, err := time.Parse(periodLayout, text)
	if err != nil {
		return Period{}, fmt.Errorf("%q is not a month of the form 2026-11", text)
	}
	return Period{first}, nil
}

// String is the month as 2026-11, the form in which tables have it.
func (p Period) String() string { return p.first.Format(periodLayout) }

// FirstDay and LastDay are report dates.
func (p Period) FirstDay() string { return p.first.Format(DateLayout) }

func (p Period) LastDay() string { return p.Next().first.AddDate(0, 0, -1).Format(DateLayout) }

// Next is the month after.
func (p Period) Next() Period { return Period{p.first.AddDate(0, 1, 0)} }

// Before tells whether the month is an earlier one.
func (p Period) Before(other Period) bool { return p.first.Before(other.first) }

// End is the moment at which the last day is over in the network's time zone.
func (p Period) End(zone *time.Location) time.Time {
	year, month, day := p.Next().first.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}
