package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"backstop/local/redshift"
	"backstop/local/redshift/load"
)

// What the archive should never hold is refused by file and reason, and leaves no row; what only looks odd is loaded.
func TestBadFiles(t *testing.T) {
	const long = 70_000
	w := migrated(t)
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		body  []byte
		code  int
		words string // of the message, or of the summary where it is loaded
	}{
		{"not gzip", []byte("{\"a\":1}\n"), exitData, "bad.gz cannot be loaded"},
		{"a cut gzip", packed(strings.Repeat(`{"a":1}`+"\n", 5000))[:60], exitData, "bad.gz"},
		{"an empty file", nil, exitData, "bad.gz"},
		{"a gzip of nothing", packed(), exitDone, "1 loaded (0 rows, 1 file)"},
		{"blank lines", packed(`{"a":1}`, ``, `{"a":2}`), exitData, "COPY read 3 lines, loaded 2 rows"},
		{"CRLF", packed("{\"a\":1}\r", "{\"a\":2}\r"), exitDone, "1 loaded (2 rows"},
		{"a BOM", packed("\ufeff" + `{"a":1}`), exitData, "bad.gz line 1"},
		{"an array at the top", packed(`[{"a":1},{"a":2}]`), exitData, "arrays"},
		{"a number at the top", packed(`{"a":1}`, `17`), exitData, "bad.gz line 2"},
		{"two documents on a line", packed(`{"a":1} {"a":2}`), exitData, "more than one document"},
		{"a document of 5 MB", packed(`{"a":1}`, `{"a":["`+strings.Repeat(strings.Repeat("x", 50_000)+`","`, 100)+`"]}`), exitData, "bad.gz line 2"},
		{"a string of 70,000 bytes", packed(`{"a":"` + strings.Repeat("x", long) + `"}`), exitData, "bad.gz line 1"},
		{"invalid UTF-8", packed(`{"a":1}`, `{"a":2}`, "{\"a\":\"\xff\"}"), exitData, "bad.gz line 3"},
		{"NUL", packed(`{"a":"\u0000"}`), exitData, "bad.gz line 1"},
		{"duplicate keys", packed(`{"a":1,"a":2}`), exitData, "bad.gz line 1"},
		{"a document over two lines", packed(`{"a":`, `1}`), exitData, "COPY read 2 lines, loaded 1 rows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			day = day.AddDate(0, 0, 1)
			date := day.Format(time.DateOnly)
			w.archive("postbacks/dt="+date+"/hr=01/bad.gz", c.body)
			got := w.run("load", "--date", date, "--hour", "1", "--table", "postbacks")
			if got.code != c.code || !strings.Contains(got.stdout+got.stderr, c.words) {
				t.Errorf("exit %d, %s%s", got.code, got.stdout, got.stderr)
			}
			rows := fmt.Sprintf("SELECT COUNT(*) FROM landing.postbacks WHERE dt = '%s'", date)
			if got.code != exitDone && w.count(rows) != 0 {
				t.Errorf("%d rows", w.count(rows))
			}
			if bytes.Contains([]byte(got.stderr), c.body) && len(c.body) > 0 {
				t.Errorf("the message shows the content: %s", got.stderr)
			}
		})
	}
}

func TestDatesOutsideTheData(t *testing.T) {
	w := migrated(t)
	before := w.run("load", "--date", "2020-01-01", "--table", "postbacks", "--json")
	if result := before.lastLine(t); before.code != exitDone || result["empty"] != 24.0 || result["loaded"] != 0.0 {
		t.Errorf("before the first data: exit %d, %v", before.code, result)
	}
	w.archive("postbacks/dt=2026-11-20/hr=13/early.gz", packed(`{"n":1}`))
	future := w.run("load", "--from", "2026-11-20", "--to", "2027-01-01", "--table", "postbacks", "--json")
	if result := future.lastLine(t); future.code != exitDone || result["loaded"] != 0.0 || result["partitions"] != 13.0 {
		t.Errorf("hours that have not begun: exit %d, %v", future.code, result)
	}
	if got := w.run("load", "--date", "2026-11-21"); got.code != exitUsage || !strings.Contains(got.stderr, "in the future") {
		t.Errorf("tomorrow: exit %d, %s", got.code, got.stderr)
	}
}

// forbidden is an S3 that knows these credentials and grants them nothing.
func forbidden(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
}

// unreadable are data files that Redshift's own role may not read.
type unreadable struct{ load.Files }

func (u unreadable) Open(ctx context.Context, bucket, key string) (*load.Object, error) {
	if strings.HasSuffix(key, ".gz") {
		return nil, fmt.Errorf("open %s: %w", key, fs.ErrPermission)
	}
	return u.Files.Open(ctx, bucket, key)
}

func TestCredentialsWithoutRights(t *testing.T) {
	w := migrated(t, func(o *redshift.Options) { o.Files = unreadable{o.Files} })
	w.archive("postbacks/dt=2026-11-20/hr=01/a.gz", packed(`{"n":1}`))
	w.exec("CREATE USER reader PASSWORD 'Readonly1'; CREATE USER stranger PASSWORD 'Stranger1'")
	w.exec("GRANT USAGE ON SCHEMA landing TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA landing TO reader")
	as := func(user, password string) func() {
		return func() {
			dsn, err := url.Parse(w.env["BACKSTOP_WAREHOUSE_DSN"])
			if err != nil {
				t.Fatal(err)
			}
			dsn.User = url.UserPassword(user, password)
			w.env["BACKSTOP_WAREHOUSE_DSN"] = dsn.String()
		}
	}
	closed := httptest.NewServer(http.HandlerFunc(forbidden))
	defer closed.Close()
	for _, c := range []struct { // in this order: each change stays
		name   string
		change func()
		words  string
	}{
		{"Redshift's role on the archive", func() {}, "BACKSTOP_COPY_ROLE"},
		{"the warehouse user's on writing", as("reader", "Readonly1"), "lacks a permission"},
		{"the warehouse user's on the schema", as("stranger", "Stranger1"), "lacks a permission"},
		{"a wrong password", as("reader", "wrong"), "BACKSTOP_WAREHOUSE_DSN"},
		{"the loader's own on the archive", func() { as("reader", "Readonly1")(); t.Setenv("AWS_ENDPOINT_URL_S3", closed.URL) }, "these credentials may not: AccessDenied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.change()
			got := w.run("load", "--date", "2026-11-20", "--hour", "1", "--table", "postbacks")
			if got.code != exitConfiguration || !strings.Contains(got.stderr, c.words) {
				t.Errorf("exit %d, %s", got.code, got.stderr)
			}
		})
	}
}
