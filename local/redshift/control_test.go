package redshift_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"backstop/local/redshift"
	"backstop/local/redshift/redshifttest"
)

// control orders faults as a program does that is not written in Go.
type control struct {
	test testing.TB
	url  string
}

func newControl(t testing.TB, faults *redshift.Faults) control {
	server := httptest.NewServer(faults.Handler())
	t.Cleanup(server.Close)
	return control{t, server.URL}
}

func (c control) call(method, path string) (status int, answer string) {
	c.test.Helper()
	request, err := http.NewRequestWithContext(c.test.Context(), method, c.url+path, nil)
	if err != nil {
		c.test.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.test.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.test.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(body))
}

func TestTheControlPortTellsWhatIsOrdered(t *testing.T) {
	c := newControl(t, &redshift.Faults{})
	for _, step := range []struct {
		method, path string
		status       int
		answer       string
	}{
		{"GET", "/faults", 200, `{}`},
		{"POST", "/faults/copy-file?n=3", 200, `{"copy_file":3}`},
		{"POST", "/faults/commit?how=lost_after", 200, `{"copy_file":3,"commit":"lost_after"}`},
		{"POST", "/faults/slow?wait=1500ms", 200, `{"copy_file":3,"commit":"lost_after","slow":"1.5s"}`},
		{"POST", "/faults/logins?refuse=2", 200, `{"copy_file":3,"commit":"lost_after","slow":"1.5s","refused_logins":2}`},
		{"POST", "/faults/slow?wait=0s", 200, `{"copy_file":3,"commit":"lost_after","refused_logins":2}`},
		{"DELETE", "/faults", 200, `{}`},
		{"POST", "/faults/copy-file?n=0", 400, `n="0" must be the number of a file, from 1`},
		{"POST", "/faults/commit?how=maybe", 400, `how="maybe" must be conflict, lost_before or lost_after`},
		{"POST", "/faults/slow?wait=long", 400, `wait="long" must be a time such as 500ms or 2s`},
		{"POST", "/faults/logins", 400, `refuse="" must be a number of logins`},
		{"POST", "/faults/earthquake", 404, "404 page not found"},
		{"GET", "/faults/slow", 405, "Method Not Allowed"},
		{"GET", "/faults", 200, `{}`},
	} {
		if status, answer := c.call(step.method, step.path); status != step.status || answer != step.answer {
			t.Errorf("%s %s\n got %d %s\nwant %d %s", step.method, step.path, status, answer, step.status, step.answer)
		}
	}
}

func TestFaultsByHTTP(t *testing.T) {
	r := redshifttest.Start(t)
	c := newControl(t, r.Faults)
	order := func(path string) {
		t.Helper()
		if status, answer := c.call("POST", "/faults/"+path); status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, answer)
		}
	}
	manifest := r.PutManifest("m.json", r.PutLines("a.gz", "{}"), r.PutLines("b.gz", "{}"))
	exec(t, open(t, r), "create table stage (payload super)")
	load := func() error {
		tx, err := open(t, r).Begin()
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.Exec(copySQL(manifest, "gzip manifest")); err != nil {
			return err
		}
		return tx.Commit()
	}
	for _, step := range []struct{ order, code, rows string }{
		{"copy-file?n=3", "XX000", "0"},
		{"commit?how=conflict", "XX000", "0"},
		{"commit?how=lost_before", "connection", "0"},
		{"commit?how=lost_after", "connection", "2"},
		{"logins?refuse=1", "28000", "2"},
		{"slow?wait=1ms", "none", "4"},
		{"slow?wait=0s", "none", "6"},
	} {
		order(step.order)
		if err := load(); code(err) != step.code {
			t.Errorf("%s: %v, want %s", step.order, err, step.code)
		}
		if got := value(t, open(t, r), "select count(*) from stage"); got != step.rows {
			t.Errorf("%s: %s rows, want %s", step.order, got, step.rows)
		}
	}
}
