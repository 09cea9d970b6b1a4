package redshift

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/lib/pq"

	"backstop/local/redshift/dialect"
	"backstop/local/redshift/load"
)

// Redshift's load error codes for values ("Load error reference").
const (
	codeTooLong     = 1204
	codeUnfit       = 1207
	codeMissing     = 1213
	codeInvalidJSON = 1224
)

// autoTarget matches keys to columns, by PostgreSQL's text format, so that PostgreSQL converts the values. Rows that it cannot
// convert are passed over and told in notices, when errors are tolerated.
func autoTarget(c *dialect.CopyStatement, columns []column) (target, *pgproto3.ErrorResponse, error) {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = pq.QuoteIdentifier(column.name)
	}
	options := ""
	if c.Tolerated > 0 {
		options = " (on_error ignore, log_verbosity verbose)"
	}
	return target{
		sql:     fmt.Sprintf("copy %s (%s) from stdin%s", c.Table, strings.Join(names, ", "), options),
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
		return out, &load.RowError{Code: codeInvalidJSON, Reason: "JSON 'auto' takes objects only"}
	}
	if ignoreCase {
		folded := make(map[string]json.RawMessage, len(values))
		for key, value := range values {
			folded[strings.ToLower(key)] = value
		}
		values = folded
	}
	start := len(out)
	for i, column := range columns {
		if i > 0 {
			out = append(out, '\t')
		}
		text, null := column.text(values[column.name])
		switch {
		case null && column.needed:
			return out[:start], &load.RowError{Column: column.name, Code: codeMissing, Reason: "Missing data for not-null field"}
		case null:
			out = append(out, `\N`...)
		case column.longest > 0 && len(text) > column.longest:
			return out[:start], &load.RowError{Column: column.name, Code: codeTooLong, Reason: "String length exceeds DDL length"}
		default:
			out = appendEscaped(out, text)
		}
	}
	return append(out, '\n'), nil
}

// text is a JSON value as the column takes it.
func (c column) text(value json.RawMessage) (text []byte, null bool) {
	if value == nil || bytes.Equal(value, []byte("null")) {
		return nil, true
	}
	if !c.super && value[0] == '"' {
		var s string
		if json.Unmarshal(value, &s) == nil {
			return []byte(s), false
		}
	}
	return value, false
}

func appendEscaped(out, text []byte) []byte {
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
