package mmp

import (
	"fmt"
	"time"

	"backstop/loader"
)

// Report is what was archived.
type Report struct {
	ReportID   string    `json:"report_id"` // a digest of the file and of how it was read
	Source     string    `json:"source"`
	Report     string    `json:"report"`
	WindowFrom string    `json:"window_from"`
	WindowTo   string    `json:"window_to"`
	TimeZone   string    `json:"time_zone"`
	Rows       int       `json:"rows"`
	ObservedAt time.Time `json:"observed_at"` // of the reading: the archive's partition
	Known      bool      `json:"known"`       // it was in the archive already, and nothing was done
}

// stamp adds what all lines of a report have in common.
func (r Report) stamp(line loader.Line) loader.Line {
	for key, value := range map[string]any{
		"v": loader.RecordVersion, "report_id": r.ReportID, "source": r.Source, "report": r.Report, "window_from": r.WindowFrom,
		"window_to": r.WindowTo, "time_zone": r.TimeZone, "observed_at": r.ObservedAt.Format(loader.TimeLayout),
	} {
		line[key] = value
	}
	return line
}

func (r Report) appender(archive loader.Store, stream string) *loader.Appender {
	return &loader.Appender{
		Store: archive, Name: r.ReportID,
		Partition: loader.Partition{Table: stream, Date: r.ObservedAt.Format(loader.DateLayout), Hour: r.ObservedAt.Hour()},
	}
}

// cover widens the window to a row's date, or refuses a row outside the window that was named.
func (r *Report) cover(date string, row row, s settings) error {
	if s.From == "" {
		if r.WindowFrom == "" || date < r.WindowFrom {
			r.WindowFrom = date
		}
		r.WindowTo = max(r.WindowTo, date)
		return nil
	}
	if date < s.From || date > s.To {
		return row.wrong(s.layout.EventAt, fmt.Sprintf("lies outside %s to %s; look at --from, --to and --time-zone", s.From, s.To))
	}
	return nil
}
