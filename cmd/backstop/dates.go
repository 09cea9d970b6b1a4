package main

import (
	"time"

	"backstop/loader"

	"github.com/spf13/cobra"
)

// rangeFlags are the flags that choose partitions.
type rangeFlags struct {
	date, from, to string
	hour           int
	tables         []string
}

func (f *rangeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.date, "date", "", "one UTC arrival date, YYYY-MM-DD")
	cmd.Flags().StringVar(&f.from, "from", "", "first UTC arrival date, YYYY-MM-DD")
	cmd.Flags().StringVar(&f.to, "to", "", "last UTC arrival date, YYYY-MM-DD (default: today)")
	cmd.Flags().IntVar(&f.hour, "hour", -1, "only this UTC hour of each date, 0 to 23 (default: all)")
	cmd.Flags().Lookup("hour").DefValue = "0" // so that help does not print -1 beside the text
	cmd.Flags().StringSliceVar(&f.tables, "table", nil, "only these tables (default: all)")
}

// chosen gives the range that the flags ask for, up to the current hour: what has not begun cannot be complete.
func (f *rangeFlags) chosen(now time.Time) (loader.Range, error) {
	var r loader.Range
	from, to, err := f.dates(now)
	if err != nil {
		return r, err
	}
	current := now.UTC().Truncate(time.Hour)
	r = loader.Range{Tables: f.tables, From: from, To: to.Add(23 * time.Hour)}
	if r.To.After(current) {
		r.To = current
	}
	if f.hour != -1 {
		r.Hour = &f.hour
	}
	if len(r.Tables) == 0 {
		r.Tables = loader.Tables()
	}
	if err := r.Validate(); err != nil {
		return r, usage("%w", err)
	}
	return r, nil
}

func (f *rangeFlags) dates(now time.Time) (from, to time.Time, err error) {
	today := now.UTC().Truncate(24 * time.Hour)
	switch {
	case f.date != "" && (f.from != "" || f.to != ""):
		return from, to, usage("--date is one date; leave out --from and --to, or --date")
	case f.date != "":
		from, err = parseDate("--date", f.date)
		to = from
	case f.from == "":
		return from, to, usage("say which dates: --date, or --from and --to")
	default:
		from, err = parseDate("--from", f.from)
		to = today
		if err == nil && f.to != "" {
			to, err = parseDate("--to", f.to)
		}
	}
	switch {
	case err != nil:
		return from, to, err
	case from.After(today):
		return from, to, usage("%s lies in the future; in UTC it is %s", from.Format(loader.DateLayout), now.UTC().Format(time.DateTime))
	case to.Before(from):
		return from, to, usage("--to %s lies before --from %s", to.Format(loader.DateLayout), from.Format(loader.DateLayout))
	}
	return from, to, nil
}

func parseDate(flag, text string) (time.Time, error) {
	date, err := time.Parse(loader.DateLayout, text)
	if err != nil {
		return date, usage("%s %q is not a date of the form 2026-11-19", flag, text)
	}
	return date, nil
}

// checkDates refuses a --from or a --to that is no date; either may be left out.
func checkDates(from, to string) error {
	for _, given := range [][2]string{{"--from", from}, {"--to", to}} {
		if given[1] == "" {
			continue
		}
		if _, err := parseDate(given[0], given[1]); err != nil {
			return err
		}
	}
	return nil
}
