package loader

import (
	"cmp"
	"slices"
)

// Day counts the hours of one table and day by their state. Missing, Late, Changed and Suspect are red: a load would mend them.
type Day struct {
	Table   string `json:"table"`
	Date    string `json:"date"`
	Missing int    `json:"missing"` // files, never loaded
	Late    int    `json:"late"`    // more files than were loaded
	Changed int    `json:"changed"` // other files than were loaded, or none any more
	Suspect int    `json:"suspect"` // loaded, but not confirmed
	Loaded  int    `json:"loaded"`
	Empty   int    `json:"empty"`
	Purged  int    `json:"purged"`
	Files   int    `json:"files"` // in the archive
	Rows    int64  `json:"rows"`  // in the warehouse, by the ledger
	// Errors are lines that loads left out of these hours and recorded. They are not red: a load would leave them out again.
	Errors int64 `json:"errors"`
	// RedHours are the hours behind Red, in their order, so that a gate can tell those that are over from the running one.
	RedHours []RedHour `json:"red_hours"`
}

// RedHour is an hour that a load would mend.
type RedHour struct {
	Hour   int    `json:"hour"`  // UTC
	State  string `json:"state"` // missing, late, changed or suspect
	Files  int    `json:"files"` // in the archive
	Loaded int    `json:"files_loaded"`
}

// Red is the number of hours that a load would mend.
func (d Day) Red() int { return d.Missing + d.Late + d.Changed + d.Suspect }

// ByDay sums a plan up by table and day, red days first, then by date and table.
func ByDay(steps []Step) []Day {
	type day struct{ table, date string }
	sums := map[day]*Day{}
	var days []*Day
	for _, s := range steps {
		p := s.Manifest.Partition
		key := day{p.Table, p.Date}
		if sums[key] == nil {
			sums[key] = &Day{Table: p.Table, Date: p.Date, RedHours: []RedHour{}}
			days = append(days, sums[key])
		}
		sums[key].count(s)
	}
	order := slices.Clone(Tables())
	slices.SortStableFunc(days, func(a, b *Day) int {
		red := func(d *Day) int { return min(1, d.Red()) }
		return cmp.Or(cmp.Compare(red(b), red(a)), cmp.Compare(a.Date, b.Date), cmp.Compare(slices.Index(order, a.Table), slices.Index(order, b.Table)))
	})
	all := make([]Day, 0, len(days))
	for _, d := range days {
		all = append(all, *d)
	}
	return all
}

func (d *Day) count(s Step) {
	files := len(s.Manifest.Objects)
	d.Files += files
	if s.Previous != nil {
		d.Rows += s.Previous.Rows
		d.Errors += s.Previous.Errors
	}
	switch {
	case s.Reason == New:
		d.Missing++
		d.red("missing", s)
	case s.Reason == Late:
		d.Late++
		d.red("late", s)
	case s.Reason == Changed || s.Reason == Vanished:
		d.Changed++
		d.red("changed", s)
	case s.Reason == Doubtful:
		d.Suspect++
		d.red("suspect", s)
	case s.Reason == Retired:
		d.Purged++
	case files == 0:
		d.Empty++
	default:
		d.Loaded++
	}
}

func (d *Day) red(state string, s Step) {
	hour := RedHour{Hour: s.Manifest.Partition.Hour, State: state, Files: len(s.Manifest.Objects)}
	if s.Previous != nil {
		hour.Loaded = s.Previous.Files
	}
	d.RedHours = append(d.RedHours, hour)
}
