package redshift_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/lib/pq"

	"backstop/local/redshift"
	"backstop/local/redshift/load"
	"backstop/local/redshift/redshifttest"
)

func open(t *testing.T, r *redshifttest.Redshift) *sql.DB {
	t.Helper()
	return openURL(t, r.DSN)
}

func openURL(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t testing.TB, db interface {
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

func TestWhatCopyAnswers(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	exec(t, db, "create table stage (payload super)", "create table two (payload super, dt date)", "create table shredded (id int, name varchar(5), extra super)")
	good := r.PutLines("good.gz", `{"id":1}`, `{"id":2}`)
	bad := r.PutLines("bad.gz", `{"id":1}`, `{"id":}`, `{"id":3}`, `nothing`)
	one := r.PutLines("one.gz", `{"id":1}`, `{"id":}`)
	words := r.PutLines("words.gz", `{"id":1,"name":"a\tb","extra":{"x":[1]},"other":true}`, `{"id":"2","Name":"B"}`)
	long := r.PutLines("long.gz", `{"id":1}`, `{"id":2,"name":"too long"}`)
	plain := r.Put("plain.json", []byte("{}\n{}"))
	gone := r.PutManifest("gone.json", good, "s3://"+redshifttest.Bucket+"/nowhere.gz")
	role := " IAM_ROLE 'arn:aws:iam::000000000000:role/load' "
	failed := "Load into table 'stage' failed.  Check 'sys_load_error_detail' system table for details."
	elsewhere := "S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect"
	for _, c := range []struct {
		name, sql, says string
		table, rows     string
	}{
		{"plain file", "copy stage from '" + plain + "'" + role + "format as json 'noshred'", "", "stage", "2"},
		{"options in any order", "copy stage (payload) from '" + good + "' gzip region 'us-east-1' statupdate off compupdate off maxerror as 0" + role + "json as 'noshred'", "", "stage", "2"},
		{"a comment before", "/* loader */ -- hello\n" + copySQL(good, "gzip"), "", "stage", "2"},
		{"fewer errors than MAXERROR", copySQL(bad, "gzip maxerror 3"), "", "stage", "2"},
		{"as many errors as MAXERROR", copySQL(bad, "gzip maxerror 2"), failed, "stage", "0"},
		{"more errors than MAXERROR", copySQL(bad, "gzip maxerror 1"), failed, "stage", "0"},
		{"MAXERROR 1 is MAXERROR 0", copySQL(one, "gzip maxerror 1"), failed, "stage", "0"},
		{"another region than the bucket's", copySQL(good, "gzip region 'eu-west-1'"), elsewhere, "stage", "0"},
		{"a manifest in another region", copySQL(gone, "gzip manifest region as 'eu-west-1'"), elsewhere, "stage", "0"},
		{"NOLOAD", copySQL(good, "gzip noload"), "", "stage", "0"},
		{"NOLOAD finds errors", copySQL(bad, "gzip noload"), failed, "stage", "0"},
		{"a mandatory file is missing", copySQL(gone, "gzip manifest"), "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey", "stage", "0"},
		{"no manifest", copySQL("s3://"+redshifttest.Bucket+"/none.json", "gzip manifest"), "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey", "stage", "0"},
		{"nothing with this prefix", copySQL("s3://"+redshifttest.Bucket+"/none", ""), "The specified S3 prefix 's3://" + redshifttest.Bucket + "/none' does not exist", "stage", "0"},
		{"not a manifest", copySQL(plain, "manifest"), "Problem reading manifest file - invalid JSON or no entries", "stage", "0"},
		{"no such table", "copy nowhere from '" + plain + "'" + role + "json 'noshred'", "Cannot COPY into nonexistent table nowhere", "stage", "0"},
		{"no such column", strings.Replace(copySQL(plain, ""), "(payload)", "(other)", 1), `column "other" of relation "stage" does not exist`, "stage", "0"},
		{"two columns without a list", "copy two from '" + plain + "'" + role + "json 'noshred'", "JSON 'noshred' loads into one column of type SUPER", "two", "0"},
		{"a column list on two columns", "copy two (payload) from '" + plain + "'" + role + "json 'noshred'", "", "two", "2"},
		{"unknown option", copySQL(good, "gzip manifst"), `syntax error at or near "manifst"`, "stage", "0"},
		{"an option twice", copySQL(good, "gzip gzip"), "conflicting or redundant options", "stage", "0"},
		{"an option that is left out", copySQL(good, "gzip truncatecolumns"), "the stand-in does not imitate COPY's option TRUNCATECOLUMNS", "stage", "0"},
		{"no role", "copy stage from '" + plain + "' json 'noshred'", "Must specify credentials to load from S3", "stage", "0"},
		{"no format", "copy stage from '" + plain + "'" + role, "the stand-in does not imitate COPY of delimited text", "stage", "0"},
		{"auto", "copy shredded from '" + words + "' gzip" + role + "json 'auto'", "", "shredded", "2"},
		{"auto with a value too long", "copy shredded from '" + long + "' gzip" + role + "format json", strings.Replace(failed, "stage", "shredded", 1), "shredded", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			exec(t, db, "delete from "+c.table)
			_, err := db.Exec(c.sql)
			var said *pq.Error
			if err != nil && !errors.As(err, &said) {
				t.Fatal(err)
			}
			if err == nil && c.says != "" || err != nil && said.Message != c.says {
				t.Errorf("%s\n got %v\nwant %q", c.sql, err, c.says)
			}
			if got := value(t, db, "select count(*) from "+c.table); got != c.rows {
				t.Errorf("%s rows, want %s", got, c.rows)
			}
		})
	}
	t.Run("auto matches lower-case keys", func(t *testing.T) {
		exec(t, db, "copy shredded from '"+words+"' gzip"+role+"json 'auto'")
		got := value(t, db, `select listagg(id::varchar || nvl(name, '-') || nvl(json_serialize(extra), '-'), '; ') within group (order by id) from shredded`)
		if want := "1a\tb" + `{"x":[1]}; 2--`; got != want {
			t.Errorf("rows %q, want %q", got, want)
		}
	})
	t.Run("a value that does not fit is found", func(t *testing.T) {
		got := value(t, db, "select trim(file_name) || ' ' || line_number || ' ' || trim(column_name) from sys_load_error_detail where trim(column_name) <> ''")
		if want := long + " 2 name"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// Without REGION a COPY looks for the bucket in the cluster's region.
func TestABucketInAnotherRegionNeedsToBeSaidSo(t *testing.T) {
	r := redshifttest.Start(t, func(o *redshift.Options) { o.Region, o.BucketRegion = "eu-west-1", "us-east-2" })
	db := open(t, r)
	exec(t, db, "create table stage (payload super)")
	source := r.PutLines("a.gz", "{}")
	for options, passes := range map[string]bool{"gzip": false, "gzip region 'eu-west-1'": false, "gzip region 'us-east-2'": true} {
		if _, err := db.Exec(copySQL(source, options)); (err == nil) != passes {
			t.Errorf("%s: %v", options, err)
		}
	}
}

func TestCopyFailsAtTheOrderedFile(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	exec(t, db, "create table stage (payload super)")
	manifest := r.PutManifest("m.json", r.PutLines("a.gz", "{}"), r.PutLines("b.gz", "{}"))
	r.Faults.FailCopyFile(3) // the manifest is the first
	if _, err := db.Exec(copySQL(manifest, "gzip manifest")); err == nil || !strings.Contains(err.Error(), "InternalError") {
		t.Errorf("error %v", err)
	}
	exec(t, db, copySQL(manifest, "gzip manifest"))
	if got := value(t, db, "select count(*) from stage"); got != "2" {
		t.Errorf("%s rows, want 2", got)
	}
}

func TestACancelledCopyLeavesTheTableAsItWas(t *testing.T) {
	started := make(chan struct{})
	r := redshifttest.Start(t, func(o *redshift.Options) { o.Files = endless{started} })
	db := open(t, r)
	exec(t, db, "create table stage (payload super)")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	if _, err := db.ExecContext(ctx, copySQL("s3://any/file", "")); err == nil {
		t.Error("an endless COPY ended well")
	}
	if got := value(t, open(t, r), "select count(*) from stage"); got != "0" {
		t.Errorf("%s rows", got)
	}
}

// endless is a bucket with one file that never ends.
type endless struct{ started chan struct{} }

func (e endless) Open(context.Context, string, string) (*load.Object, error) {
	return &load.Object{ReadCloser: io.NopCloser(&repeating{e.started, 0})}, nil
}

func (e endless) List(context.Context, string, string) ([]string, error) {
	return []string{"file"}, nil
}

type repeating struct {
	started chan struct{}
	reads   int
}

func (r *repeating) Read(p []byte) (int, error) {
	if r.reads++; r.reads == 3 {
		close(r.started)
	}
	return copy(p, "{}\n{}\n"), nil
}
