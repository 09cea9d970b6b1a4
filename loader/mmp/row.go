package mmp

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"backstop/loader"
)

// amount is money as the marts take it: digits with at most one point.
var amount = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,20})?$`)

// row is one line of a report under its header.
type row struct {
	header map[string]int
	cells  []string
	number int // of the line in the file
}

// cell is the value of a column, empty where the report does not have it.
func (r row) cell(column string) string {
	if at, there := r.header[column]; there {
		return strings.TrimSpace(r.cells[at])
	}
	return ""
}

func (r row) first(columns []string) string {
	for _, column := range columns {
		if value := r.cell(column); value != "" {
			return value
		}
	}
	return ""
}

// wrong names the place of a bad value, and what would be a good one; never the value, which may be anything.
func (r row) wrong(column, mend string) error {
	return loader.Fail(loader.Data, "line %d, column %q: %s", r.number, column, mend)
}

// line makes the archived record, without what the whole report has in common. date is the row's day in the report's time zone.
func (r row) line(s settings) (line loader.Line, date string, err error) {
	line = loader.Line{"row_number": r.number, "rejected": s.layout.Reports[s.Report]}
	// A list, not a map: of two bad times the same one is named on each run.
	for _, c := range []struct{ key, column string }{
		{"touched_at", s.layout.TouchedAt}, {"installed_at", s.layout.InstalledAt}, {"event_at", s.layout.EventAt},
	} {
		if line[c.key], err = r.time(c.column, s.zone); err != nil {
			return nil, "", err
		}
	}
	if line["event_at"] == nil {
		line["event_at"] = line["installed_at"]
	}
	if line["event_at"] == nil {
		return nil, "", r.wrong(s.layout.EventAt, "a row needs a time, here or in "+s.layout.InstalledAt)
	}
	if line["revenue"], err = r.money(s.layout.Revenue); err != nil {
		return nil, "", err
	}
	line.Put("event_name", r.cell(s.layout.EventName))
	line.Put("currency", r.cell(s.layout.Currency))
	line.Put("app_id", r.cell(s.layout.AppID))
	line.Put("click_id", r.clickID(s))
	line.Put("reject_reason", r.first(s.layout.Reasons))
	line.Put("reject_reason_value", r.first(s.layout.ReasonValues))
	line.Put("row", r.whole())
	date = r.first([]string{s.layout.EventAt, s.layout.InstalledAt})[:len(loader.DateLayout)]
	return line, date, nil
}

// time reads a time of the report's zone as UTC; nil where there is none.
func (r row) time(column string, zone *time.Location) (any, error) {
	text := r.cell(column)
	if text == "" {
		return nil, nil
	}
	at, err := time.ParseInLocation(time.DateTime, text, zone) // takes fractions of a second, too
	if err != nil {
		return nil, r.wrong(column, "is no time; write it like 2026-11-19 14:03:07, in the report's time zone")
	}
	return at.UTC().Format(loader.TimeLayout), nil
}

func (r row) money(column string) (any, error) {
	text := r.cell(column)
	if text == "" {
		return nil, nil
	}
	if !amount.MatchString(text) {
		return nil, r.wrong(column, "is no amount; write it like 4.99")
	}
	return text, nil
}

// clickID comes from the column that was named for it, else out of the click's URL.
func (r row) clickID(s settings) string {
	if s.ClickIDColumn != "" {
		return r.cell(s.ClickIDColumn)
	}
	click, err := url.Parse(r.cell(s.layout.ClickURL))
	if err != nil {
		return "" // the URL itself stays in the row
	}
	return click.Query().Get(s.layout.ClickParam)
}

func (r row) whole() map[string]any {
	whole := map[string]any{}
	for column, at := range r.header {
		whole[snakeCase(column)] = r.cells[at]
	}
	return whole
}

// snakeCase makes "Sub Param 1" sub_param_1.
func snakeCase(column string) string {
	words := strings.FieldsFunc(column, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.ToLower(strings.Join(words, "_"))
}
