package tune

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"backstop/loader"
)

// ErrNotKept tells that TUNE has thrown the log of a day away.
var ErrNotKept = errors.New("TUNE keeps no click log of so old a day any more")

// FetchClicks archives TUNE's raw log of the clicks of one date in the network's zone. A log does not change once its hour is over, so a
// date needs to be fetched once.
//
// The date is complete when the log of each of its hours is there. TUNE publishes them in order, so an hour without a log before an hour
// with one had no clicks; one at the end is not there yet (Transient). ErrNotKept: it cannot be fetched any more.
func (f *Fetcher) FetchClicks(ctx context.Context, zone *time.Location, date string) (Fetch, error) {
	day, err := time.Parse(loader.DateLayout, date)
	if err != nil {
		return Fetch{}, loader.Fail(loader.Configuration, "%q is not a date of the form 2026-11-19", date)
	}
	fetch, err := f.clicksOf(ctx, zone, day)
	if err != nil {
		return Fetch{}, fmt.Errorf("fetch clicks of %s: %w", date, err)
	}
	return fetch, nil
}

func (f *Fetcher) clicksOf(ctx context.Context, zone *time.Location, day time.Time) (Fetch, error) {
	shelf, err := f.API.shelfAround(ctx, day)
	if err != nil {
		return Fetch{}, err
	}
	logs, err := shelf.logsOf(day, zone)
	if err != nil {
		return Fetch{}, err
	}
	date := day.Format(loader.DateLayout)
	fetch := Fetch{
		FetchID: f.NewID(), Target: Clicks, Pages: len(logs), WindowFrom: &date, WindowTo: &date, ObservedAt: shelf.date.UTC(),
	}
	lines := f.appender(fetch, Clicks.stream())
	for _, log := range logs {
		rows, err := f.archiveLog(ctx, log, fetch, lines)
		if err != nil {
			return Fetch{}, err
		}
		fetch.Rows += rows
	}
	if err := lines.Flush(ctx); err != nil {
		return Fetch{}, err
	}
	return f.finish(ctx, fetch)
}

// logsOf gives the logs of a date, oldest first, or says which of its hours are missing.
func (s shelf) logsOf(day time.Time, zone *time.Location) ([]hourLog, error) {
	dir := day.Format(dirLayout)
	if s.oldest > dir {
		return nil, loader.Fail(loader.Data, "%w; its log begins on %s", ErrNotKept, s.oldest)
	}
	begin := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
	end := begin.AddDate(0, 0, 1)
	var logs []hourLog
	published := begin // until then the log is complete
	for _, log := range s.logs {
		if hourEnd := log.start.Add(time.Hour); hourEnd.After(begin) {
			published = hourEnd
			if log.start.Before(end) {
				logs = append(logs, log)
			}
		}
	}
	if published.Before(end) && s.newest <= day.AddDate(0, 0, 1).Format(dirLayout) {
		return nil, loader.Fail(loader.Transient, "the click log reaches only to %s; missing: %s. Fetch again later",
			published.In(zone).Format("2006-01-02 15:04"), strings.Join(hoursBetween(published, end, zone), ", "))
	}
	return logs, nil
}

func hoursBetween(from, to time.Time, zone *time.Location) []string {
	var hours []string
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		hours = append(hours, at.In(zone).Format("15h"))
	}
	return hours
}

func (f *Fetcher) archiveLog(ctx context.Context, log hourLog, fetch Fetch, lines *loader.Appender) (rows int, err error) {
	zipped, err := f.API.download(ctx, log)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, zipped.Close()) }()
	for _, member := range zipped.File {
		unpacked, err := member.Open()
		if err != nil {
			return rows, loader.Fail(loader.Data, "log %s cannot be unpacked: %w", log.filename, err)
		}
		err = readClicks(unpacked, log.filename, func(line loader.Line) error {
			rows++
			text, err := fetch.stamp(line).Encode()
			if err != nil {
				return fmt.Errorf("log %s, row %d: %w", log.filename, rows, err)
			}
			return lines.Add(ctx, text)
		})
		if err := errors.Join(err, unpacked.Close()); err != nil {
			return rows, err
		}
	}
	return rows, nil
}
