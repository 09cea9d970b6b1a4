package redshift_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"backstop/local/redshift/load"
	"backstop/local/redshift/redshifttest"
)

func TestCopyRefusesWhatSuperCannotHold(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	exec(t, db, "create table stage (payload super)")
	document := func(text string) string { return `{"a":"` + text + `"}` }
	list := func(size int) string { return `{"a":[` + strings.Repeat("1,", (size-9)/2) + `11]}` }
	for _, c := range []struct{ name, document, says string }{
		{"the longest string", document(strings.Repeat("x", 65535)), ""},
		{"a longer string", document(strings.Repeat("x", 65536)), "a string is longer than 65535 bytes"},
		{"a string of 70,000 bytes in 35,000 characters", document(strings.Repeat("é", 35000)), "a string is longer than 65535 bytes"},
		{"a document of nearly 4 MB", list(4 << 20), ""},
		{"a document of 5 MB", list(5 << 20), "JSON document is longer than 4194304 bytes"},
		{"deep nesting", strings.Repeat("[", 1001) + strings.Repeat("]", 1001), "nesting is deeper than 1000 levels"},
	} {
		exec(t, db, "truncate stage")
		exec(t, db, copySQL(r.PutLines("limits.gz", `{"n":1}`, c.document, `{"n":2}`), "gzip maxerror 2"))
		rows, bad := "3", ""
		if c.says != "" {
			rows, bad = "2", "2 "+c.says
		}
		if got := value(t, db, "select count(*) from stage"); got != rows {
			t.Errorf("%s: %s rows, want %s", c.name, got, rows)
		}
		got := value(t, db, "select listagg(line_number || ' ' || trim(error_message)) from sys_load_error_detail where query_id = pg_last_copy_id()")
		if got != bad {
			t.Errorf("%s: %q, want %q", c.name, got, bad)
		}
	}
}

func TestLimitsCanBeWidened(t *testing.T) {
	r := redshifttest.Start(t, redshifttest.WithLimits(load.Limits{Document: 8 << 20, String: 16_000_000, Depth: 10}))
	db := open(t, r)
	exec(t, db, "create table stage (payload super)", copySQL(r.PutLines("long.gz", `{"a":"`+strings.Repeat("x", 5<<20)+`"}`), "gzip"))
	if got := value(t, db, "select len(p.payload.a::varchar) from stage p"); got != "5242880" {
		t.Errorf("a string of %s bytes", got)
	}
	if _, err := db.Exec(copySQL(r.PutLines("deep.gz", strings.Repeat("[", 11)+strings.Repeat("]", 11)), "gzip")); err == nil {
		t.Error("eleven levels passed a limit of ten")
	}
}

func TestOptionalFilesOfAManifest(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	exec(t, db, "create table stage (payload super)")
	there, away := r.PutLines("there.gz", "{}"), "s3://"+redshifttest.Bucket+"/away.gz"
	some := r.Put("some.json", []byte(`{"entries":[{"url":"`+away+`"},{"url":"`+there+`","mandatory":false}]}`))
	none := r.Put("none.json", []byte(`{"entries":[{"url":"`+away+`"},{"url":"`+away+`","mandatory":false}]}`))
	exec(t, db, copySQL(some, "gzip manifest"))
	if got := value(t, db, "select pg_last_copy_count() || ' ' || count(*) from sys_load_detail where query_id = pg_last_copy_id()"); got != "1 1" {
		t.Errorf("rows and files: %s", got)
	}
	if _, err := db.Exec(copySQL(none, "gzip manifest")); code(err) != "XX000" {
		t.Errorf("no file of the manifest is there: %v", err)
	}
}

func TestZstdFiles(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	var packed bytes.Buffer
	w, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("{\"a\":1}\n{\"a\":2}\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "create table stage (payload super)", copySQL(r.Put("a.zst", packed.Bytes()), "zstd"))
	if got := value(t, db, "select count(*) from stage"); got != "2" {
		t.Errorf("%s rows", got)
	}
	if _, err := db.Exec(copySQL("s3://"+redshifttest.Bucket+"/a.zst", "gzip")); code(err) != "XX000" {
		t.Errorf("read as gzip: %v", err)
	}
}
