package redshift_test

import (
	"errors"
	"testing"

	"github.com/lib/pq"

	"backstop/local/redshift/redshifttest"
)

func TestAutoToleratesBadValuesAsMaxErrorSays(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	exec(t, db, "create table shredded (id int not null, name varchar(4), at timestamp)")
	source := r.PutLines("mixed.gz",
		`{"id":1,"name":"good","at":"2026-11-20 10:00:00"}`,
		`{"id":"x","name":"a"}`,
		`{"id":]}`,
		`{"id":2,"name":"éée"}`,
		`{"name":"none"}`,
		`{"id":3,"at":"never"}`,
		`{"id":4,"name":"éé"}`)
	const failed = "Load into table 'shredded' failed.  Check 'sys_load_error_detail' system table for details."
	load := "copy shredded from '" + source + "' iam_role 'arn:aws:iam::000000000000:role/load' json 'auto' gzip maxerror "
	for _, c := range []struct{ name, options, says, rows string }{
		{"more than there are", "6", "", "2"},
		{"as many as there are", "5", failed, "0"},
		{"fewer than there are", "4", failed, "0"},
		{"the default", "0", failed, "0"},
		{"only tried", "6 noload", "", "0"},
		{"only tried, as many as there are", "5 noload", failed, "0"},
	} {
		for _, inside := range []bool{false, true} {
			exec(t, db, "truncate shredded")
			if inside {
				exec(t, db, "begin")
			}
			_, err := db.Exec(load + c.options)
			var said *pq.Error
			if err != nil && !errors.As(err, &said) {
				t.Fatal(err)
			}
			if err == nil && c.says != "" || err != nil && said.Message != c.says {
				t.Errorf("%s, in a transaction %v: %v, want %q", c.name, inside, err, c.says)
			}
			if inside {
				_, after := db.Exec("select 1")
				if (err == nil) != (after == nil) {
					t.Errorf("%s: the transaction goes on: %v", c.name, after)
				}
				exec(t, db, "commit")
			}
			if got := value(t, db, "select count(*) from shredded"); got != c.rows {
				t.Errorf("%s, in a transaction %v: %s rows, want %s", c.name, inside, got, c.rows)
			}
		}
	}
	exec(t, db, load+"6")
	got := value(t, db, `select listagg(line_number || ' ' || trim(column_name) || ' ' || error_code, ', ') within group (order by line_number)
		from sys_load_error_detail where query_id = pg_last_copy_id()`)
	if want := "2 id 1207, 3  1224, 4 name 1204, 5 id 1213, 6 at 1207"; got != want {
		t.Errorf("bad lines %q, want %q", got, want)
	}
	if got := value(t, db, "select pg_last_copy_count()"); got != "2" {
		t.Errorf("pg_last_copy_count() = %s", got)
	}
}

func TestTheLastCopyIsKnownAsRedshiftKnowsIt(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	good := copySQL(r.PutLines("good.gz", `{}`, `{}`), "gzip")
	bad := copySQL(r.PutLines("bad.gz", `{}`, `}`), "gzip")
	missing := copySQL("s3://"+redshifttest.Bucket+"/none", "gzip")
	exec(t, db, "create table stage (payload super)")
	count := func() string { t.Helper(); return value(t, db, "select pg_last_copy_count()") }
	id := func() string { t.Helper(); return value(t, db, "select pg_last_copy_id()") }
	refused := func(sql string) {
		t.Helper()
		if _, err := db.Exec(sql); err == nil {
			t.Fatalf("%s: passed", sql)
		}
	}
	if id() != "-1" || count() != "0" {
		t.Errorf("before any COPY: %s, %s", id(), count())
	}
	exec(t, db, good)
	first := id()
	if first == "-1" || count() != "2" {
		t.Errorf("after a COPY: %s, %s", first, count())
	}
	exec(t, db, "begin", good)
	if id() == first {
		t.Error("a COPY does not count inside its transaction")
	}
	exec(t, db, "rollback")
	if id() != first {
		t.Errorf("after a rollback: %s, want %s", id(), first)
	}
	refused(missing)
	if id() != first || count() != "0" {
		t.Errorf("after a COPY that found no file: %s, %s", id(), count())
	}
	exec(t, db, "begin")
	refused(bad)
	exec(t, db, "rollback")
	if id() == first || count() != "0" {
		t.Errorf("after a COPY of bad lines: %s, %s", id(), count())
	}
	if got := value(t, db, "select count(*) from stl_load_errors where query = pg_last_copy_id()"); got != "1" {
		t.Errorf("its id leads to %s errors", got)
	}
	if got := value(t, open(t, r), "select pg_last_copy_id()"); got != "-1" {
		t.Errorf("another session's last COPY is %s", got)
	}
}
