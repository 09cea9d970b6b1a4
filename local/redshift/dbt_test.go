package redshift_test

import (
	"encoding/json"
	"net/url"
	"os"
	command "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"backstop/local/redshift/redshifttest"
)

// project is a small dbt project on a stand-in of its own.
type project struct {
	standIn *redshifttest.Redshift
	program string
	target  string
	env     []string
	test    *testing.T
}

func newProject(t *testing.T) *project {
	t.Helper()
	program, err := filepath.Abs("../../dbt/.venv/bin/dbt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("dbt is not installed, run `make install` in the checkout: %v", err)
	}
	r := redshifttest.Start(t)
	db := open(t, r)
	exec(t, db, "create schema lake", "create table lake.places (id int, payload super, loaded_at timestamp)",
		`insert into lake.places select 1, json_parse('{"city":"Athens","labels":["old","warm"]}'), getdate()
		 union all select 2, json_parse('{"city":"Berlin","labels":["big"]}'), getdate()`,
		"create user reporter password 'Secret-1'")
	u, err := url.Parse(r.DSN)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	target := t.TempDir()
	return &project{standIn: r, program: program, target: target, test: t,
		env: append(os.Environ(), "TINY_PORT="+u.Port(), "TINY_USER="+u.User.Username(), "TINY_PASSWORD="+password,
			"DBT_TARGET_PATH="+target, "DBT_LOG_PATH="+target)}
}

func (p *project) command(arguments ...string) *command.Cmd {
	c := command.CommandContext(p.test.Context(), p.program, arguments...)
	c.Dir = "testdata/tiny"
	c.Env = p.env
	return c
}

// run runs a command of dbt that must succeed.
func (p *project) run(arguments ...string) {
	p.test.Helper()
	if out, err := p.command(arguments...).CombinedOutput(); err != nil {
		p.test.Fatalf("dbt %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
}

func TestDbtRedshift(t *testing.T) {
	p := newProject(t)
	p.run("debug")
	p.run("build", "--no-use-colors")
	p.run("build", "--exclude-resource-type", "unit_test") // incremental models, snapshots and views for a second time
	p.run("source", "freshness")
	p.run("docs", "generate")
	p.run("run", "--select", "cities", "--full-refresh")

	db := openURL(t, p.standIn.PostgresDSN)
	for query, want := range map[string]string{
		"select string_agg(city || ' in ' || country, ', ' order by id) from tiny.cities":                       "Athens in Greece, Berlin in Germany",
		"select string_agg(label || position, ' ' order by id, position) from tiny.labels":                      "old0 warm1 big0",
		"select count(*) || ' ' || count(distinct id) from tiny.visits":                                         "2 2",
		"select count(*) from tiny.merged":                                                                      "2",
		"select count(*) from tiny.history":                                                                     "2",
		"select obj_description('tiny.cities'::regclass)":                                                       "One row a city, with its country.",
		"select col_description('tiny.cities'::regclass, 2)":                                                    "Its name, Athens's for one.",
		"select has_table_privilege('reporter', 'tiny.cities', 'select')":                                       "true",
		"select has_table_privilege('reporter', 'tiny.labels', 'select')":                                       "true",
		"select is_nullable from information_schema.columns where table_name = 'cities' and column_name = 'id'": "NO",
	} {
		if got := value(t, db, query); got != want {
			t.Errorf("%s\n got %q\nwant %q", query, got, want)
		}
	}
	catalogue := struct {
		Nodes map[string]struct {
			Columns map[string]struct{ Type string }
		}
		Errors []string
	}{}
	p.read("catalog.json", &catalogue)
	if len(catalogue.Errors) > 0 || catalogue.Nodes["model.tiny.cities"].Columns["city"].Type == "" || len(catalogue.Nodes["model.tiny.labels"].Columns) != 3 {
		t.Errorf("dbt's catalog %+v", catalogue)
	}
	freshness := struct{ Results []struct{ Status string } }{}
	p.read("sources.json", &freshness)
	if len(freshness.Results) != 1 || freshness.Results[0].Status != "pass" {
		t.Errorf("freshness %+v", freshness)
	}
}

func (p *project) read(name string, into any) {
	p.test.Helper()
	text, err := os.ReadFile(filepath.Join(p.target, name))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		p.test.Fatal(err)
	}
}

// A contract that is broken fails the model and leaves the table as it was.
func TestDbtContractsAreKept(t *testing.T) {
	p := newProject(t)
	p.run("build", "--select", "+cities")
	exec(t, open(t, p.standIn), "insert into lake.places select null, json_parse('{\"city\":\"Rome\"}'), getdate()")
	out, err := p.command("run", "--select", "cities").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "null value in column") {
		t.Errorf("a row without an id: %v\n%s", err, out)
	}
	if got := value(t, open(t, p.standIn), "select count(*) from tiny.cities"); got != "2" {
		t.Errorf("%s rows after a failed run, want the 2 from before", got)
	}
}

// Ctrl-C ends the statement in the database, and what its transaction did is gone.
func TestCtrlCEndsTheStatement(t *testing.T) {
	p := newProject(t)
	exec(t, open(t, p.standIn), "insert into lake.places select a.id * 1000 + 3, a.payload, a.loaded_at from lake.places a",
		"insert into lake.places select a.id + b.id * 100, a.payload, a.loaded_at from lake.places a, lake.places b, lake.places c, lake.places d, lake.places e")
	run := p.command("run", "--select", "endless", "--vars", "{endless: true}")
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out strings.Builder
	run.Stdout, run.Stderr = &out, &out
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	watch := openURL(t, p.standIn.PostgresDSN)
	const running = "select count(*) from pg_stat_activity where query like '%a.id + b.id + c.id + d.id%' and pid <> pg_backend_pid() and state <> 'idle'"
	for value(t, watch, running) == "0" {
		select {
		case err := <-ended:
			t.Fatalf("dbt ended before its statement ran: %v\n%s", err, out.String())
		default:
		}
	}
	if err := syscall.Kill(-run.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Errorf("an interrupted run succeeded:\n%s", out.String())
	}
	for value(t, watch, running) != "0" {
	}
	if got := value(t, watch, "select count(*) from pg_tables where schemaname = 'tiny'"); got != "0" {
		t.Errorf("%s tables are left of an interrupted run", got)
	}
	if got := value(t, watch, "select count(*) from pg_stat_activity where state like 'idle in transaction%'"); got != "0" {
		t.Errorf("%s transactions are left open", got)
	}
}
