package traffic

import (
	"fmt"
	"strings"
)

// Counts says how often each kind is planned on each day, in the order of the kinds.
type Counts struct {
	Days []string
	Rows []CountRow
}

// CountRow is one kind and its count on each day.
type CountRow struct {
	Kind Kind
	On   []int
}

// Counts counts the plan.
func (p *Plan) Counts() Counts {
	place := map[string]int{}
	for i, day := range p.Days {
		place[day] = i
	}
	c := Counts{Days: p.Days}
	rows := map[Kind][]int{}
	for _, kind := range append(RequestKinds(), OtherKinds()...) {
		rows[kind] = make([]int, len(p.Days))
		c.Rows = append(c.Rows, CountRow{kind, rows[kind]})
	}
	for _, s := range p.Steps {
		if s.Direct != nil && s.Kind != Bypass {
			continue
		}
		if day, planned := place[p.calendar.date(s.At)]; planned && rows[s.Kind] != nil {
			rows[s.Kind][day]++
		}
	}
	return c
}

// String is the table for people.
func (c Counts) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%-18s %s\n", "kind", strings.Join(c.Days, " "))
	for _, row := range c.Rows {
		fmt.Fprintf(&out, "%-18s", row.Kind)
		for _, n := range row.On {
			fmt.Fprintf(&out, " %10d", n)
		}
		out.WriteByte('\n')
	}
	return out.String()
}
