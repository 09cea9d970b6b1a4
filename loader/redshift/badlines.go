package redshift

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

type badLineRow struct {
	QueryID int64  `db:"query_id"`
	File    string `db:"file_name"`
	Line    int64  `db:"line_number"`
	Column  string `db:"column_name"`
	Code    int    `db:"error_code"`
	Reason  string `db:"error_message"`
}

const badLineColumns = `query_id, TRIM(file_name) AS file_name, line_number, COALESCE(TRIM(column_name), '') AS column_name,
	error_code, TRIM(error_message) AS error_message`

// badLines asks sys_load_error_detail for the lines that a COPY left out, until it shows as many as there are. It asks through
// another connection: the rows do not belong to the load's transaction, which may not see them.
func (w *Warehouse) badLines(ctx context.Context, queryID, count int64) ([]loader.BadLine, error) {
	var rows []badLineRow
	shown, err := w.visible(ctx, int(count), func() (int, error) {
		rows = nil
		err := sqlx.SelectContext(ctx, w.db, &rows, "SELECT "+badLineColumns+` FROM sys_load_error_detail
			WHERE query_id = $1 ORDER BY file_name, line_number`, queryID)
		return len(rows), err
	})
	if err != nil {
		return nil, fmt.Errorf("read sys_load_error_detail: %w", err)
	}
	if !shown {
		return nil, nil
	}
	texts := w.cutOuts(ctx, queryID)
	bad := make([]loader.BadLine, len(rows))
	for i, r := range rows {
		bad[i] = loader.BadLine{File: r.File, Line: r.Line, Column: r.Column, Code: r.Code, Reason: r.Reason, CutOut: texts[place{r.File, r.Line}]}
	}
	return bad, nil
}

// visible repeats a look until it finds at least as many rows as are expected; false after the time that a view may take.
func (w *Warehouse) visible(ctx context.Context, expected int, look func() (int, error)) (bool, error) {
	for waited, pause := time.Duration(0), firstPause; ; waited, pause = waited+pause, min(2*pause, time.Second) {
		found, err := look()
		if err != nil || found >= expected {
			return err == nil, err
		}
		if waited >= visibleWithin {
			return false, nil
		}
		if err := w.config.Wait(ctx, pause); err != nil {
			return false, err
		}
	}
}

// place is where a line stands.
type place struct {
	file string
	line int64
}

// cutOuts shows the form of a COPY's bad lines around the error, every letter and digit masked, because lines hold device ids.
// Only stl_load_errors keeps the text, and not every Redshift has it: without it there are none.
func (w *Warehouse) cutOuts(ctx context.Context, queryID int64) map[place]string {
	var rows []struct {
		File     string `db:"filename"`
		Line     int64  `db:"line_number"`
		Text     string `db:"raw_line"`
		Position int    `db:"position"`
	}
	err := sqlx.SelectContext(ctx, w.db, &rows, "SELECT TRIM(filename) AS filename, line_number, raw_line, position FROM stl_load_errors WHERE query = $1", queryID)
	if err != nil {
		return nil
	}
	texts := make(map[place]string, len(rows))
	for _, r := range rows {
		texts[place{r.File, r.Line}] = mask(around(strings.TrimSpace(r.Text), r.Position))
	}
	return texts
}

func around(line string, position int) string {
	const width = 40
	runes := []rune(line)
	position = max(0, min(position, len(runes)))
	return string(runes[max(0, position-width):min(len(runes), position+width)])
}

func mask(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsLetter(r) || r > unicode.MaxASCII:
			return 'x'
		default:
			return r
		}
	}, text)
}

func loadErrorColumns() []string {
	return []string{"load_id", "table_name", "dt", "hr", "file_name", "line_number", "column_name", "error_code", "reason", "cut_out", "recorded_at"}
}

// record writes what a load left out, and its entry, in the load's transaction or, where that is over, in one of its own.
func record(ctx context.Context, tx *sqlx.Tx, done loader.Replaced) error {
	rows := make([]map[string]any, len(done.BadLines))
	p := done.Partition
	for i, bad := range done.BadLines {
		rows[i] = map[string]any{
			"load_id": done.LoadID, "table_name": p.Table, "dt": p.Date, "hr": p.Hour, "file_name": bad.File, "line_number": bad.Line,
			"column_name": bad.Column, "error_code": bad.Code, "reason": bad.Reason, "cut_out": bad.CutOut, "recorded_at": timestamp(done.LoadedAt),
		}
	}
	if err := insertRows(ctx, tx, "landing.load_errors", loadErrorColumns(), rows); err != nil {
		return err
	}
	return insertEntries(ctx, tx, []loader.Entry{done.Entry})
}
