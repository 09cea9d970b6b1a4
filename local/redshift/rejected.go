package redshift

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"backstop/local/redshift/dialect"
	"backstop/local/redshift/load"
)

// rejectedRow is a row that PostgreSQL could not convert.
type rejectedRow struct {
	number int // from 1, among the rows that were sent
	column string
	reason string
}

// aboutData is true for the SQLSTATEs of values that cannot be converted or that break a constraint.
func aboutData(code string) bool {
	return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23")
}

// complaint reads the context of PostgreSQL's error: COPY stage, line 3, column n: "x". The row's number is 0 for other texts.
func complaint(where, reason string) rejectedRow {
	_, rest, ok := strings.Cut(where, ", line ")
	if !ok {
		return rejectedRow{}
	}
	number, rest, _ := strings.Cut(rest, ",")
	number, _, _ = strings.Cut(number, ":")
	row, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		return rejectedRow{}
	}
	_, rest, _ = strings.Cut(rest, "column ")
	column, _, _ := strings.Cut(rest, ":")
	return rejectedRow{number: row, column: column, reason: reason}
}

// passedOver reads PostgreSQL's notice of a row that it passes over:
// skipping row due to data type incompatibility at line 3 for column "n": "x"
func passedOver(notice string) rejectedRow {
	_, rest, ok := strings.Cut(notice, " at line ")
	number, rest, found := strings.Cut(rest, ` for column "`)
	row, err := strconv.Atoi(number)
	if !ok || !found || err != nil {
		return rejectedRow{}
	}
	column, _, _ := strings.Cut(rest, `": `)
	return rejectedRow{number: row, column: column, reason: "The value does not fit the column's type"}
}

// explained turns rejected rows into load errors: they are found again in the files. With more bad lines than COPY tolerates
// the load has failed.
func (x *session) explained(ctx context.Context, c *dialect.CopyStatement, to target, report load.Report, rejected []rejectedRow) (load.Report, *pgproto3.ErrorResponse) {
	byNumber := make(map[int]rejectedRow, len(rejected))
	for _, r := range rejected {
		byNumber[r.number] = r
	}
	sent, done := 0, errors.New("all rows are found")
	var scratch []byte
	_, err := load.Run(ctx, x.owner.options.Files, x.plan(c), func(r load.Row) error {
		var err error
		if scratch, err = to.encode(scratch[:0], r.Document); err != nil {
			return err
		}
		sent++
		row, ok := byNumber[sent]
		if !ok {
			return nil
		}
		report.Bad = append(report.Bad, load.BadLine{File: r.File, Line: r.Line, ColumnName: row.column, Code: codeUnfit, Reason: row.reason, Text: r.Shown()})
		report.Rows--
		report.Bytes -= int64(len(r.Document))
		if delete(byNumber, sent); len(byNumber) == 0 {
			return done
		}
		return nil
	})
	switch {
	case !errors.Is(err, done):
		return report, &pgproto3.ErrorResponse{Severity: "ERROR", Code: "XX000", Message: "the files changed while they were loaded"}
	case len(report.Bad) > c.Tolerated:
		return report, copyError(c, &load.TooManyBadLinesError{Bad: len(report.Bad)})
	}
	return report, nil
}
