package mmp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"backstop/loader"
)

// The streams of a report: its rows, and the line that says that they are all there.
const (
	rowsStream  = "mmp_reports"
	filesStream = "mmp_report_files"
)

// Archive keeps reports, and says which are there.
type Archive interface {
	loader.Store
	loader.Lister
}

// File is a report as a person has it.
type File struct {
	Path     string
	Source   string
	Report   string         // a kind of report that the source's layout knows
	TimeZone *time.Location // of the times in the file

	From, To      string // the dates that the report covers, in its time zone; empty: those of its rows
	ClickIDColumn string // the column with TUNE's transaction id; empty: it stands in the click's URL
}

// settings are a file with what follows from it.
type settings struct {
	File
	layout Layout
	zone   *time.Location
}

// Fetch archives a report as a whole, or nothing of it: every row is checked before the first one is written. A report that is there
// already is left as it is.
func Fetch(ctx context.Context, archive Archive, file File, now time.Time) (Report, error) {
	layout, err := layout(file.Source, file.Report)
	if err != nil {
		return Report{}, err
	}
	s := settings{File: file, layout: layout, zone: file.TimeZone}
	report, err := s.check(now)
	if err != nil {
		return Report{}, fmt.Errorf("read %s: %w", file.Path, err)
	}
	report.Known, err = known(ctx, archive, report.ReportID)
	if err != nil || report.Known {
		return report, err
	}
	if err := s.archive(ctx, archive, report); err != nil {
		return Report{}, fmt.Errorf("archive %s: %w", file.Path, err)
	}
	return report, nil
}

// check reads the whole file and gives the report that it is.
func (s settings) check(now time.Time) (Report, error) {
	report := Report{
		Source: s.Source, Report: s.Report, WindowFrom: s.From, WindowTo: s.To, TimeZone: s.zone.String(),
		ObservedAt: now.UTC().Truncate(time.Microsecond),
	}
	digest := sha256.New()
	err := s.open(func(file io.Reader) error {
		return readRows(io.TeeReader(file, digest), s, func(r row) error {
			line, date, err := r.line(s)
			if err != nil {
				return err
			}
			if _, err := report.stamp(line).Encode(); err != nil {
				return fmt.Errorf("line %d: %w", r.number, err)
			}
			report.Rows++
			return report.cover(date, r, s)
		})
	})
	if err == nil && report.WindowFrom == "" {
		err = loader.Fail(loader.Data, "the report has no rows, so it does not say which dates it covers; name them with --from and --to")
	}
	fmt.Fprintf(digest, "|%s|%s|%s|%s|%s|%s", report.Source, report.Report, report.WindowFrom, report.WindowTo, report.TimeZone, s.ClickIDColumn)
	report.ReportID = hex.EncodeToString(digest.Sum(nil))
	return report, err
}

// known looks for the line that ends a report, whenever it was read.
func known(ctx context.Context, archive Archive, reportID string) (bool, error) {
	objects, err := archive.List(ctx, filesStream+"/")
	if err != nil {
		return false, err
	}
	for _, object := range objects {
		if strings.Contains(object.Key, "/"+reportID+"-") {
			return true, nil
		}
	}
	return false, nil
}

func (s settings) archive(ctx context.Context, archive Archive, report Report) error {
	rows := report.appender(archive, rowsStream)
	err := s.open(func(file io.Reader) error {
		return readRows(file, s, func(r row) error {
			line, _, err := r.line(s)
			if err != nil {
				return err
			}
			text, err := report.stamp(line).Encode()
			if err != nil {
				return err
			}
			return rows.Add(ctx, text)
		})
	})
	if err != nil {
		return err
	}
	if err := rows.Flush(ctx); err != nil {
		return err
	}
	closing, err := report.stamp(loader.Line{"rows": report.Rows, "file": filepath.Base(s.Path)}).Encode()
	if err != nil {
		return err
	}
	files := report.appender(archive, filesStream)
	if err := files.Add(ctx, closing); err != nil {
		return err
	}
	return files.Flush(ctx)
}

func (s settings) open(read func(io.Reader) error) error {
	file, err := os.Open(s.Path)
	if err != nil {
		return loader.Fail(loader.Configuration, "the file cannot be opened: %w", err)
	}
	defer file.Close()
	return read(file)
}
