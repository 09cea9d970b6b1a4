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
			sums[key] = &Day{Table: p.Table, Date: p.Date}
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
	}
	switch {
	case s.Reason == New:
		d.Missing++
	case s.Reason == Late:
		d.Late++
	case s.Reason == Changed || s.Reason == Vanished:
		d.Changed++
	case s.Reason == Doubtful:
		d.Suspect++
	case s.Reason == Retired:
		d.Purged++
	case files == 0:
		d.Empty++
	default:
		d.Loaded++
	}
}
