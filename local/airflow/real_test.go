package airflow_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"backstop/local/airflow"
	"backstop/local/postgres/postgrestest"
)

const daily = "postbacks_daily"

// TestRealAirflow drives the real DAG in a real Airflow; only the two programs that its steps call are fakes.
func TestRealAirflow(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a real Airflow takes half a minute")
	}
	server := postgrestest.Start(t)
	if err := server.CreateDatabase(t.Context(), "airflow"); err != nil {
		t.Fatal(err)
	}
	fakes := newPrograms(t)
	began := time.Now()
	a, err := airflow.Start(t.Context(), airflow.Options{
		Venv: filepath.Join(fakes.dags, ".venv"), Dags: fakes.dags, Home: fakes.home,
		Database: server.DSN("airflow"), Environment: fakes.environment(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %s", time.Since(began))
	t.Cleanup(func() { stop(t, a) })

	run := testRun(t, a, fakes)
	testClear(t, a, fakes, run)
	testClosing(t, a, fakes) // before the programs are told to fail
	testFailedRun(t, a, fakes)
	testBadDay(t, a)
	testStopWhileATaskRuns(t, a, fakes)
}

func testRun(t *testing.T, a *airflow.Airflow, fakes programs) airflow.Run {
	var ended []string
	run, err := a.Run(t.Context(), daily, "2026-11-20", func(task airflow.Task) {
		if task.State == "success" {
			ended = append(ended, task.ID)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ran in %s", run.Elapsed)
	if got := strings.Join(ended, " "); got != "resolve_day fetch fetch_clicks load completeness transform gate" {
		t.Errorf("the tasks ended as %s", got)
	}
	if got := fakes.called(t); got != "fetch fetch load status build" {
		t.Errorf("the steps called %s", got)
	}
	return run
}

func testClear(t *testing.T, a *airflow.Airflow, fakes programs, run airflow.Run) {
	began := time.Now()
	if err := a.Clear(t.Context(), daily, run.ID, func(airflow.Task) {}); err != nil {
		t.Fatal(err)
	}
	t.Logf("cleared and ran again in %s", time.Since(began))
	if got := fakes.called(t); got != "fetch fetch load status build fetch fetch load status build" {
		t.Errorf("with the cleared run the steps have called %s", got)
	}
}

func testFailedRun(t *testing.T, a *airflow.Airflow, fakes programs) {
	fakes.tell(t, "load", map[string]any{"exit": 30, "stderr": []string{"line 7 is no JSON"}})
	_, err := a.Run(t.Context(), daily, "2026-11-20", func(airflow.Task) {})
	var failed *airflow.RunError
	if !errors.As(err, &failed) || failed.Task != "load" || !strings.Contains(err.Error(), "line 7 is no JSON") {
		t.Errorf("a load that failed is reported as: %v", err)
	}
}

func testBadDay(t *testing.T, a *airflow.Airflow) {
	_, err := a.Run(t.Context(), daily, "20.11.2026", func(airflow.Task) {})
	if err == nil || !strings.Contains(err.Error(), "Invalid input for param day") {
		t.Errorf("a malformed day is answered with: %v", err)
	}
}

func testStopWhileATaskRuns(t *testing.T, a *airflow.Airflow, fakes programs) {
	fakes.tell(t, "load", map[string]any{"sleep": 3600})
	before := len(fakes.calls(t))
	ended := make(chan error, 1)
	go func() {
		_, err := a.Run(context.WithoutCancel(t.Context()), daily, "2026-11-20", func(airflow.Task) {})
		ended <- err
	}()
	for len(fakes.calls(t)) < before+3 { // fetch, fetch_clicks, load
		select {
		case err := <-ended:
			t.Fatalf("the run ended before its load: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
	began := time.Now()
	stop(t, a)
	t.Logf("stopped in %s", time.Since(began))
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "was stopped") {
		t.Errorf("a run of a stopped Airflow ends with: %v", err)
	}
	calls := fakes.calls(t)
	if err := syscall.Kill(calls[len(calls)-1].PID, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the step still runs: %v", err)
	}
	if left := atHome(t, fakes.home); len(left) > 0 {
		t.Errorf("processes were left behind: %v", left)
	}
}

func stop(t *testing.T, a *airflow.Airflow) {
	t.Helper()
	if err := a.Stop(context.Background()); err != nil {
		t.Errorf("stop Airflow: %v", err)
	}
}

// atHome finds the processes that work in a folder, as all of Airflow's do.
func atHome(t *testing.T, home string) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, link := range links {
		if folder, err := os.Readlink(link); err == nil && strings.HasPrefix(folder, home) {
			found = append(found, link)
		}
	}
	return found
}

// programs are fakes of `backstop` and dbt: see dags/tests/fake_program.py.
type programs struct{ dags, home string }

type call struct {
	Argv []string `json:"argv"`
	PID  int      `json:"pid"`
}

func newPrograms(t *testing.T) programs {
	t.Helper()
	dags, err := filepath.Abs("../../dags")
	if err != nil {
		t.Fatal(err)
	}
	p := programs{dags, filepath.Join(t.TempDir(), "with a space")}
	if err := os.Mkdir(p.home, 0o755); err != nil {
		t.Fatal(err)
	}
	fake := filepath.Join(dags, "tests", "fake_program.py")
	for _, name := range []string{"backstop", "dbt"} {
		script := fmt.Sprintf("#!/bin/sh\nexec '%s/.venv/bin/python' '%s' \"$0\" \"$@\"\n", dags, fake)
		if err := os.WriteFile(filepath.Join(p.home, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.tell(t, "load", map[string]any{"stdout": []string{`{"rows": 7}`}})
	p.tell(t, "status", map[string]any{"stdout": []string{`{"red": 0, "days": []}`}})
	p.tell(t, "build", map[string]any{"results": []map[string]string{{"unique_id": "model.backstop.a", "status": "success"}}})
	return p
}

func (p programs) environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.home, "BACKSTOP_TIME_ZONE=America/New_York",
		"BACKSTOP_BIN=" + filepath.Join(p.home, "backstop"), "BACKSTOP_DBT_BIN=" + filepath.Join(p.home, "dbt"),
		"BACKSTOP_DBT_PROJECT=" + p.home, "BACKSTOP_RUN_DIR=" + filepath.Join(p.home, "runs"),
	}
}

func (p programs) tell(t *testing.T, subcommand string, what map[string]any) {
	t.Helper()
	data, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.home, subcommand+".json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p programs) calls(t *testing.T) []call {
	t.Helper()
	file, err := os.Open(filepath.Join(p.home, "calls.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var calls []call
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, c)
	}
	return calls
}

// called is the subcommands in the order of their calls.
func (p programs) called(t *testing.T) string {
	t.Helper()
	var words []string
	for _, c := range p.calls(t) {
		words = append(words, c.Argv[1])
	}
	return strings.Join(words, " ")
}
