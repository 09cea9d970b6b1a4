package redshift_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lib/pq"

	"backstop/local/redshift/redshifttest"
)

func open(t *testing.T, r *redshifttest.Redshift) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", r.DSN)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db interface {
	Exec(string, ...any) (sql.Result, error)
}, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func value(t *testing.T, db interface {
	QueryRow(string, ...any) *sql.Row
}, query string) string {
	t.Helper()
	var v sql.NullString
	if err := db.QueryRow(query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v.String
}

func copySQL(source, options string) string {
	return fmt.Sprintf("COPY stage (payload) FROM '%s' IAM_ROLE 'arn:aws:iam::000000000000:role/load' FORMAT JSON 'noshred' %s", source, options)
}

func TestCopyLoadsAManifestsFiles(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	a := r.PutLines("a.gz", `{"id":"1","params":{"clickid":"x"}}`, `{"id":"2"}`)
	b := r.PutLines("b.gz", `{"id":"3","text":"tab\there \\ \"quoted\" é"}`)
	manifest := r.PutManifest("m.json", a, b)
	exec(t, db, "create table landing_days (payload super, dt date)", "begin read write", "create temp table stage (payload super) diststyle even",
		copySQL(manifest, "GZIP MANIFEST REGION 'us-east-1' MAXERROR 0 COMPUPDATE OFF STATUPDATE OFF"))
	if got := value(t, db, "select pg_last_copy_count()"); got != "3" {
		t.Errorf("pg_last_copy_count() = %s, want 3", got)
	}
	got := value(t, db, `select listagg(trim(file_name) || ' ' || lines_scanned || ' ' || len(file_etag), ', ') within group (order by file_name)
		from sys_load_detail where query_id = pg_last_copy_id()`)
	if want := a + " 2 32, " + b + " 1 32"; got != want {
		t.Errorf("sys_load_detail inside the transaction: %s, want %s", got, want)
	}
	exec(t, db, "insert into landing_days select payload, '2026-11-20' from stage", "commit")
	if got := value(t, db, `select listagg(p.payload."id"::varchar, '') within group (order by p.payload."id"::varchar) from landing_days p`); got != "123" {
		t.Errorf("landed ids %q, want 123", got)
	}
	if got := value(t, db, `select p.payload.text::varchar from landing_days p where p.payload.id = '3'`); got != "tab\there \\ \"quoted\" é" {
		t.Errorf("text %q", got)
	}
	if got := value(t, db, "select status || loaded_rows || source_file_count from sys_load_history"); got != "completed32" {
		t.Errorf("sys_load_history: %s", got)
	}
}

func TestABadLineIsExplainedAfterTheRollback(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	source := r.PutLines("bad.gz", `{"id":"1"}`, `{"id":`+"\x01"+`}`, `{"id":"3"}`)
	exec(t, db, "begin", "create temp table stage (payload super)")
	_, err := db.Exec(copySQL(source, "GZIP"))
	var said *pq.Error
	if !errors.As(err, &said) || said.Code != "XX000" || !strings.Contains(said.Message, "Load into table 'stage' failed.  Check 'sys_load_error_detail'") {
		t.Fatalf("error %v", err)
	}
	if _, err := db.Exec("select 1"); err == nil {
		t.Error("the transaction is not aborted")
	}
	exec(t, db, "rollback")
	got := value(t, db, "select trim(file_name) || ' ' || line_number || ' ' || trim(error_message) from sys_load_error_detail")
	if want := source + " 2 Invalid JSON: a value must stand here"; got != want {
		t.Errorf("error detail %q, want %q", got, want)
	}
}
