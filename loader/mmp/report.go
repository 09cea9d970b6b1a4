package mmp

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"backstop/loader"
)

// readRows reads a report row by row; blank lines are none.
func readRows(file io.Reader, s settings, each func(row) error) error {
	lines := csv.NewReader(file)
	lines.ReuseRecord = true
	header, err := readHeader(lines, s)
	if err != nil {
		return err
	}
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		number, _ := lines.FieldPos(0)
		if err := each(row{header: header, cells: cells, number: number}); err != nil {
			return err
		}
	}
}

func readHeader(lines *csv.Reader, s settings) (map[string]int, error) {
	columns, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, loader.Fail(loader.Data, "the file is empty; export the report again")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	header := map[string]int{}
	for i, column := range columns {
		column = strings.Clone(strings.TrimSpace(strings.TrimPrefix(column, "\ufeff")))
		if _, twice := header[column]; twice {
			return nil, loader.Fail(loader.Data, "line 1: column %q stands there twice; remove one", column)
		}
		header[column] = i
	}
	required := s.layout.Required
	if s.ClickIDColumn != "" {
		required = append(required[:len(required):len(required)], s.ClickIDColumn)
	}
	var missing []string
	for _, column := range required {
		if _, there := header[column]; !there {
			missing = append(missing, column)
		}
	}
	if len(missing) > 0 {
		return nil, loader.Fail(loader.Data, "line 1: the columns %s are missing; export the report as CSV, with commas, and with all default fields",
			strings.Join(missing, ", "))
	}
	return header, nil
}

// unreadable says where the file is no CSV, and never what stands there.
func unreadable(err error) error {
	var wrong *csv.ParseError
	if !errors.As(err, &wrong) {
		return loader.Fail(loader.Configuration, "the file breaks off: %w", err)
	}
	return loader.Fail(loader.Data, "line %d, character %d: %w; export the report again, and do not edit it in a spreadsheet", wrong.Line, wrong.Column, wrong.Err)
}
