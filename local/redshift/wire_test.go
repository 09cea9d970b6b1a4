package redshift_test

import (
	"crypto/md5"
	"encoding/hex"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"backstop/local/redshift/redshifttest"
)

// wire speaks the protocol by hand, in the order in which redshift_connector does.
type wire struct {
	*pgproto3.Frontend
	test testing.TB
}

func dial(t *testing.T, r *redshifttest.Redshift) wire {
	t.Helper()
	u, err := url.Parse(r.DSN)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	w := wire{pgproto3.NewFrontend(conn, conn), t}
	password, _ := u.User.Password()
	w.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{
		"user": u.User.Username(), "database": strings.TrimPrefix(u.Path, "/"), "application_name": "wire", "client_protocol_version": "2",
		"driver_version": "Redshift Python Driver", "os_version": "any", "plugin_name": "none"}})
	w.flush()
	for {
		switch m := w.receive().(type) {
		case *pgproto3.AuthenticationMD5Password:
			w.Send(&pgproto3.PasswordMessage{Password: "md5" + sum(sum(password+u.User.Username())+string(m.Salt[:]))})
			w.flush()
		case *pgproto3.ErrorResponse:
			t.Fatalf("login: %s", m.Message)
		case *pgproto3.ReadyForQuery:
			return w
		}
	}
}

func sum(text string) string {
	s := md5.Sum([]byte(text))
	return hex.EncodeToString(s[:])
}

func (w wire) flush() {
	w.test.Helper()
	if err := w.Flush(); err != nil {
		w.test.Fatal(err)
	}
}

func (w wire) receive() pgproto3.BackendMessage {
	w.test.Helper()
	m, err := w.Receive()
	if err != nil {
		w.test.Fatal(err)
	}
	return m
}

// run prepares, binds and executes a statement in two batches and tells what came back.
func (w wire) run(sql string, parameters ...string) (tag, refusal string, status byte, columns []uint32) {
	w.test.Helper()
	w.Send(&pgproto3.Parse{Query: sql})
	w.Send(&pgproto3.Describe{ObjectType: 'S'})
	w.Send(&pgproto3.Sync{})
	w.flush()
	tag, refusal, status, columns = w.answers()
	if refusal != "" {
		return tag, refusal, status, columns
	}
	bind := &pgproto3.Bind{}
	for _, p := range parameters {
		bind.Parameters = append(bind.Parameters, []byte(p))
	}
	w.Send(bind)
	w.Send(&pgproto3.Execute{})
	w.Send(&pgproto3.Sync{})
	w.flush()
	tag, refusal, status, _ = w.answers()
	return tag, refusal, status, columns
}

func (w wire) answers() (tag, refusal string, status byte, columns []uint32) {
	w.test.Helper()
	for {
		switch m := w.receive().(type) {
		case *pgproto3.CommandComplete:
			tag = string(m.CommandTag)
		case *pgproto3.ErrorResponse:
			refusal = m.Code + " " + m.Message
		case *pgproto3.RowDescription:
			for _, f := range m.Fields {
				columns = append(columns, f.DataTypeOID)
			}
		case *pgproto3.ReadyForQuery:
			return tag, refusal, m.TxStatus, columns
		}
	}
}

func TestTheExtendedProtocol(t *testing.T) {
	r := redshifttest.Start(t)
	w := dial(t, r)
	good := r.PutLines("good.gz", `{"id":"1"}`, `{"id":"2"}`)
	bad := r.PutLines("bad.gz", `{"id":`)
	for _, step := range []struct {
		sql     string
		tag     string
		refusal string
		status  byte
	}{
		{"create table stage (payload super)", "CREATE TABLE", "", 'I'},
		{"begin", "BEGIN", "", 'T'},
		{copySQL(good, "gzip"), "COPY", "", 'T'},
		{"select pg_last_copy_count()", "SELECT 1", "", 'T'},
		{copySQL(bad, "gzip"), "", "XX000 Load into table 'stage' failed.  Check 'sys_load_error_detail' system table for details.", 'E'},
		{"select 1", "", "25P02 current transaction is aborted, commands ignored until end of transaction block", 'E'},
		{"rollback", "ROLLBACK", "", 'I'},
		{copySQL(good, "gzip"), "COPY", "", 'I'},
		{"begin", "BEGIN", "", 'T'},
		{"select array_agg(1)", "", "42883 function array_agg() does not exist", 'E'},
		{"rollback", "ROLLBACK", "", 'I'},
		{"begin", "BEGIN", "", 'T'},
		{"insert into stage select json_parse('[]')", "INSERT 0 1", "", 'T'},
		{"truncate table stage", "TRUNCATE TABLE", "", 'I'},
		{"copy stage from $1 iam_role 'arn:aws:iam::000000000000:role/load' json 'noshred'", "", `42601 syntax error at or near "$1"`, 'I'},
		{copySQL(good, "gzip manifst"), "", `42601 syntax error at or near "manifst"`, 'I'},
		{"select 1; select 2", "", "42601 cannot insert multiple commands into a prepared statement", 'I'},
	} {
		tag, refusal, status, _ := w.run(step.sql)
		if tag != step.tag || refusal != step.refusal || status != step.status {
			t.Errorf("%s\n got %q %q %c\nwant %q %q %c", step.sql, tag, refusal, status, step.tag, step.refusal, step.status)
		}
	}
}

func TestColumnsHaveRedshiftsTypes(t *testing.T) {
	r := redshifttest.Start(t)
	w := dial(t, r)
	_, refusal, _, columns := w.run("select json_parse('{}'), 'a'::varchar || 'b', 1, 1.5::numeric(5,2), getdate(), true, $1::int", "7")
	if refusal != "" {
		t.Fatal(refusal)
	}
	want := []uint32{4000, 1043, 23, 1700, 1114, 16, 23}
	for i := range want {
		if columns[i] != want[i] {
			t.Errorf("column %d has the type %d, want %d", i, columns[i], want[i])
		}
	}
}
