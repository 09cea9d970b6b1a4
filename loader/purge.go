package loader

import "cmp"

// Purge removes what arrived before a date from one table.
type Purge struct {
	Table  string
	Before string        // UTC arrival date; its own partitions stay
	DryRun bool          // say what would be removed, and change nothing
	NewID  func() string // a new UUID for each ledger entry
}

// PurgedDay sums up the partitions of a date.
type PurgedDay struct {
	Date  string `json:"date"`
	Hours int    `json:"hours"`
	Rows  int64  `json:"rows"` // that were removed
}

// PurgedByDay sums the entries of a purge up by date, in their order.
func PurgedByDay(entries []Entry) []PurgedDay {
	days := []PurgedDay{}
	for _, e := range entries {
		if len(days) == 0 || days[len(days)-1].Date != e.Partition.Date {
			days = append(days, PurgedDay{Date: e.Partition.Date})
		}
		last := &days[len(days)-1]
		last.Hours++
		last.Rows += e.RowsBefore
	}
	return days
}

// ByTime orders entries by date and hour.
func ByTime(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Partition.Date, b.Partition.Date), cmp.Compare(a.Partition.Hour, b.Partition.Hour))
}
