package redshift

import (
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/lib/pq"

	"backstop/local/redshift/dialect"
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
