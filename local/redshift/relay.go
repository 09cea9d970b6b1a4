package redshift

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"backstop/local/redshift/dialect"
)

const flushAt = 64 << 10 // bytes of answers that are collected before they are sent

// relay passes PostgreSQL's answers on until it is ready for the next query. That message itself is left to the caller.
// refused tells whether an error was among the answers.
func (x *session) relay(command dialect.Command) (refused bool, err error) {
	size := 0
	for {
		message, err := x.server.Receive()
		if err != nil {
			return refused, fmt.Errorf("read from PostgreSQL: %w", err)
		}
		switch m := message.(type) {
		case *pgproto3.ReadyForQuery:
			x.status = m.TxStatus
			return refused, nil
		case *pgproto3.ErrorResponse:
			refused = true
		case *pgproto3.DataRow:
			for _, v := range m.Values {
				size += len(v)
			}
		}
		x.pass(message, command)
		if size > flushAt {
			size = 0
			if err := x.client.Flush(); err != nil {
				return refused, fmt.Errorf("answer the client: %w", err)
			}
		}
	}
}

// pass sends one answer on in Redshift's words.
func (x *session) pass(message pgproto3.BackendMessage, command dialect.Command) {
	switch m := message.(type) {
	case *pgproto3.ErrorResponse:
		said := redshiftError(m)
		said.Where = "" // of the translated text
		message = said
	case *pgproto3.NoticeResponse:
		if m.Code == "01000" || strings.HasPrefix(m.Message, "md5") {
			return
		}
	case *pgproto3.ParameterStatus:
		kept, ok := reported(m)
		if !ok {
			return
		}
		message = kept
	case *pgproto3.RowDescription:
		x.redshiftTypes(m)
	case *pgproto3.CommandComplete:
		if tag := string(m.CommandTag); tag == "COMMIT" || tag == "ROLLBACK" || command.Action == dialect.Truncate {
			x.loadsEnded(tag != "ROLLBACK")
		}
		if command.Tag != "" {
			message = &pgproto3.CommandComplete{CommandTag: []byte(command.Tag)}
		}
	}
	x.client.Send(message)
}

// type numbers of PostgreSQL
const (
	postgresText    = 25
	postgresVarchar = 1043
)

// redshiftTypes gives columns the type numbers by which Redshift's clients know them.
func (x *session) redshiftTypes(m *pgproto3.RowDescription) {
	for i := range m.Fields {
		switch m.Fields[i].DataTypeOID {
		case x.superOID:
			m.Fields[i].DataTypeOID = redshiftSuper
		case postgresText:
			m.Fields[i].DataTypeOID = postgresVarchar
		}
	}
}

// redshiftError puts PostgreSQL's refusals into Redshift's words where clients look at them.
func redshiftError(m *pgproto3.ErrorResponse) *pgproto3.ErrorResponse {
	e := *m
	e.Position = 0 // of the translated text
	e.SeverityUnlocalized = ""
	switch {
	case e.Code == "40001": // could not serialize access
		return serializationError()
	case (e.Code == "42883" || e.Code == "42804") && strings.Contains(e.Message, "super"):
		e.Code, e.Message, e.Hint = "0A000", "the stand-in does not imitate this on SUPER: "+e.Message, "Cast the value, as in p.payload.price::numeric(18,6)."
	case e.Code == "22P02" && strings.HasSuffix(e.Message, "type json"):
		e.Hint = "A text beside a SUPER value is read as JSON here: cast the value, as in p.payload.city::varchar."
	case e.Code == "42P01":
		return missingRelation(e)
	}
	return &e
}

// missingRelation tells a system view of Redshift's that is left out from a table that is not there.
func missingRelation(e pgproto3.ErrorResponse) *pgproto3.ErrorResponse {
	name, _, _ := strings.Cut(strings.TrimPrefix(e.Message, `relation "`), `"`)
	for _, prefix := range []string{"stl_", "stv_", "svl_", "svv_", "svcs_", "sys_", "pg_table_def", "pg_user_info"} {
		if strings.HasPrefix(name, prefix) {
			e.Code, e.Message, e.Hint = "0A000", "the stand-in does not imitate "+strings.ToUpper(name), "See docs/stand-ins.md for what is."
		}
	}
	return &e
}

// serializationError is Redshift's error 1023.
func serializationError() *pgproto3.ErrorResponse {
	return &pgproto3.ErrorResponse{Severity: "ERROR", Code: "XX000", Message: "1023",
		Detail: "Serializable isolation violation on table - 0, transactions forming the cycle are: 0, 0 (pid:0)"}
}

func errorResponse(err error) *pgproto3.ErrorResponse {
	var known *dialect.Error
	if errors.As(err, &known) {
		return &pgproto3.ErrorResponse{Severity: "ERROR", Code: known.Code, Message: known.Message, Hint: known.Hint}
	}
	return &pgproto3.ErrorResponse{Severity: "ERROR", Code: "XX000", Message: err.Error()}
}

// ready tells the client that it may go on.
func (x *session) ready() error {
	x.client.Send(&pgproto3.ReadyForQuery{TxStatus: x.status})
	if err := x.client.Flush(); err != nil {
		return fmt.Errorf("answer the client: %w", err)
	}
	return nil
}
