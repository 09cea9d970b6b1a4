// Package loader brings archived records into the landing tables of the warehouse: one partition (table, UTC arrival date, hour)
// is replaced as a whole or not at all, and a ledger in the warehouse says which files are in it.
//
// It knows no technology: package loader/s3 lists the archive, loader/redshift runs the transaction, loader/tune and loader/mmp
// add TUNE's rows and the MMPs' reports to the archive.
package loader

import (
	"fmt"
	"slices"
	"time"
)

// DateLayout is the form of every date in keys, flags and tables.
const DateLayout = "2006-01-02"

// Tables names the streams of the archive, each with a landing table of the same name, in the order in which they are loaded:
// the rows of a TUNE fetch, or of an MMP's report, before the line that calls it complete.
func Tables() []string {
	return []string{
		"postbacks", "forwards", "tune_conversions", "tune_offers", "tune_goals", "tune_clicks", "tune_fetches", "mmp_reports", "mmp_report_files",
	}
}

// Partition is one hour of arrival (UTC) of one table: the unit that is replaced as a whole.
type Partition struct {
	Table string
	Date  string // in DateLayout
	Hour  int    // 0 to 23
}

// String is how people and logs name a partition: "postbacks 2026-11-19 14h".
func (p Partition) String() string { return fmt.Sprintf("%s %s %02dh", p.Table, p.Date, p.Hour) }

// Prefix is the archive prefix under which the files of the partition, and no others, lie.
func (p Partition) Prefix() string {
	return fmt.Sprintf("%shr=%02d/", dayPrefix(p.Table, p.Date), p.Hour)
}

func dayPrefix(table, date string) string { return fmt.Sprintf("%s/dt=%s/", table, date) }

// Range is what a load or a status looks at.
type Range struct {
	Tables   []string
	From, To time.Time // the first and the last hour, both included, UTC
	Hour     *int      // only this hour of each day
}

// Days are the dates that the range touches, oldest first.
func (r Range) Days() []string {
	var days []string
	for day := r.From.UTC().Truncate(24 * time.Hour); !day.After(r.To); day = day.AddDate(0, 0, 1) {
		days = append(days, day.Format(DateLayout))
	}
	return days
}

// hours are the hours of the date that lie in the range.
func (r Range) hours(date string) []int {
	day, err := time.Parse(DateLayout, date)
	if err != nil {
		return nil
	}
	var hours []int
	for hour := range 24 {
		at := day.Add(time.Duration(hour) * time.Hour)
		if at.Before(r.From) || at.After(r.To) || (r.Hour != nil && *r.Hour != hour) {
			continue
		}
		hours = append(hours, hour)
	}
	return hours
}

// Validate refuses an unknown table, an hour outside the day and a range that ends before it begins.
func (r Range) Validate() error {
	for _, table := range r.Tables {
		if !slices.Contains(Tables(), table) {
			return Fail(Configuration, "there is no table %q; the tables are %v", table, Tables())
		}
	}
	if r.Hour != nil && (*r.Hour < 0 || *r.Hour > 23) {
		return Fail(Configuration, "there is no hour %d; hours are 0 to 23, UTC", *r.Hour)
	}
	if r.To.Before(r.From) {
		return Fail(Configuration, "the range ends (%s) before it begins (%s)", r.To.Format(time.RFC3339), r.From.Format(time.RFC3339))
	}
	return nil
}
