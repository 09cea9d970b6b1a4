package redshift

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/lib/pq"

	"backstop/local/redshift/dialect"
	"backstop/local/redshift/load"
)

// noShredTarget takes whole documents into one SUPER column, by PostgreSQL's binary format: nothing needs escaping.
func noShredTarget(c *dialect.CopyStatement, columns []column) (target, *pgproto3.ErrorResponse, error) {
	if len(columns) != 1 || !columns[0].super {
		return target{}, &pgproto3.ErrorResponse{Severity: "ERROR", Code: "0A000", Message: "JSON 'noshred' loads into one column of type SUPER",
			Hint: "Name that column, or copy into a table that has no other."}, nil
	}
	return target{
		sql:     fmt.Sprintf("copy %s (%s) from stdin (format binary)", c.Table, pq.QuoteIdentifier(columns[0].name)),
		columns: columns,
		encode:  appendSuper,
		header:  append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0), // no flags, no extension
		trailer: []byte{0xff, 0xff},
	}, nil, nil
}

// appendSuper adds a row of one jsonb value: its version byte and its text.
func appendSuper(out, document []byte) ([]byte, error) {
	out = binary.BigEndian.AppendUint16(out, 1)
	out = binary.BigEndian.AppendUint32(out, uint32(len(document)+1))
	out = append(out, 1)
	return append(out, document...), nil
}

// autoTarget matches keys to columns, by PostgreSQL's text format, so that PostgreSQL converts the values.
func autoTarget(c *dialect.CopyStatement, columns []column) (target, *pgproto3.ErrorResponse, error) {
	if c.MaxErrors > 0 {
		return target{}, errorResponse(&dialect.Error{Code: "0A000", Message: "the stand-in does not imitate MAXERROR with JSON 'auto'",
			Hint: "Load with 'noshred', or tolerate no errors."}), nil
	}
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = pq.QuoteIdentifier(column.name)
	}
	return target{
		sql:     fmt.Sprintf("copy %s (%s) from stdin", c.Table, strings.Join(names, ", ")),
		columns: columns,
		encode: func(out, document []byte) ([]byte, error) {
			return appendShredded(out, document, columns, c.Format == dialect.AutoIgnoreCase)
		},
	}, nil, nil
}

// appendShredded adds a row of PostgreSQL's text format. Keys without a column are passed over, columns without a key are NULL.
func appendShredded(out, document []byte, columns []column, ignoreCase bool) ([]byte, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(document, &values); err != nil {
		return out, errors.New("JSON 'auto' takes objects only")
	}
	if ignoreCase {
		folded := make(map[string]json.RawMessage, len(values))
		for key, value := range values {
			folded[strings.ToLower(key)] = value
		}
		values = folded
	}
	for i, column := range columns {
		if i > 0 {
			out = append(out, '\t')
		}
		out = appendValue(out, values[column.name], column.super)
	}
	return append(out, '\n'), nil
}

func appendValue(out []byte, value json.RawMessage, super bool) []byte {
	if value == nil || bytes.Equal(value, []byte("null")) {
		return append(out, `\N`...)
	}
	text := value
	if !super && value[0] == '"' {
		var s string
		if json.Unmarshal(value, &s) == nil {
			text = []byte(s)
		}
	}
	for _, b := range text {
		switch b {
		case '\\':
			out = append(out, `\\`...)
		case '\t':
			out = append(out, `\t`...)
		case '\n':
			out = append(out, `\n`...)
		case '\r':
			out = append(out, `\r`...)
		default:
			out = append(out, b)
		}
	}
	return out
}

// aboutData is true for the SQLSTATEs of values that cannot be converted or that break a constraint.
func aboutData(code string) bool {
	return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23")
}

// explained turns PostgreSQL's complaint about a row into a load error: the row is found again in the files.
func (x *session) explained(ctx context.Context, c *dialect.CopyStatement, report load.Report, refusal *pgproto3.ErrorResponse) (load.Report, *pgproto3.ErrorResponse, error) {
	row, name := complaint(refusal.Where)
	if row == 0 {
		return report, refusal, nil
	}
	bad := load.BadLine{ColumnName: name, Code: 1207, Reason: refusal.Message}
	n, found := 0, errors.New("found")
	_, err := load.Run(ctx, x.owner.options.Files, x.plan(c), func(r load.Row) error {
		if n++; n == row {
			bad.File, bad.Line, bad.Text = r.File, r.Line, string(r.Document)
			return found
		}
		return nil
	})
	if !errors.Is(err, found) {
		return report, refusal, nil
	}
	report.Bad = append(report.Bad, bad)
	return report, copyError(c, &load.TooManyBadLinesError{Bad: len(report.Bad)}), nil
}

// complaint reads PostgreSQL's context: COPY stage, line 3, column n: "x".
func complaint(where string) (row int, column string) {
	_, rest, ok := strings.Cut(where, ", line ")
	if !ok {
		return 0, ""
	}
	number, rest, _ := strings.Cut(rest, ",")
	number, _, _ = strings.Cut(number, ":")
	row, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		return 0, ""
	}
	if _, after, ok := strings.Cut(rest, "column "); ok {
		column, _, _ = strings.Cut(after, ":")
	}
	return row, column
}
