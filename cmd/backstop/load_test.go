package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"backstop/sql"
)

// packed is a gzip file of the lines.
func packed(lines ...string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
	w.Close()
	return out.Bytes()
}

// migrations counts those that there are.
func migrations(t *testing.T) int {
	t.Helper()
	files, err := sql.Migrations.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestMigrateTwice(t *testing.T) {
	w := newWorld(t)
	w.startWarehouse()
	first := w.run("migrate", "--json")
	if first.code != exitDone || len(first.lastLine(t)["applied"].([]any)) != migrations(t) {
		t.Errorf("exit %d, %s%s", first.code, first.stdout, first.stderr)
	}
	if again := w.run("migrate", "up"); again.code != exitDone || !strings.Contains(again.stdout, "nothing to apply") {
		t.Errorf("exit %d, %s", again.code, again.stdout)
	}
	w.exec("UPDATE ops.migrations SET checksum = 'another' WHERE name = '0002_ops.sql'")
	if changed := w.run("migrate"); changed.code != exitConfiguration || !strings.Contains(changed.stderr, "0002_ops.sql was changed") {
		t.Errorf("exit %d, %s", changed.code, changed.stderr)
	}
}

func TestMigrateStatus(t *testing.T) {
	w := newWorld(t)
	w.startWarehouse()
	if status := w.run("migrate", "status"); status.code != exitDone || strings.Count(status.stdout, "not yet") != migrations(t) {
		t.Errorf("exit %d, %s", status.code, status.stdout)
	}
	w.run("migrate")
	if status := w.run("migrate", "status"); !strings.Contains(status.stdout, "0001_landing.sql") || strings.Contains(status.stdout, "not yet") {
		t.Errorf("exit %d, %s", status.code, status.stdout)
	}
}

func TestADayFromTheArchiveToTheLandingTables(t *testing.T) {
	w := migrated(t)
	w.archive("postbacks/dt=2026-11-20/hr=01/a.gz", packed(`{"n":1}`, `{"n":2}`))
	w.archive("postbacks/dt=2026-11-20/hr=03/b.gz", packed(`{"n":3}`))
	w.archive("forwards/dt=2026-11-20/hr=01/a.gz", packed(`{"n":1}`))
	w.archive("postbacks/dt=2026-11-20/hr=20/future.gz", packed(`{"n":1}`)) // has not begun at noon

	plan := w.run("load", "--date", "2026-11-20", "--table", "postbacks,forwards", "--dry-run", "--json").lastLine(t)
	if plan["partitions"] != 26.0 || len(plan["due"].([]any)) != 3 {
		t.Errorf("plan %v", plan)
	}
	first := w.run("load", "--date", "2026-11-20", "--table", "postbacks,forwards", "--json")
	want := map[string]any{"verb": "load", "partitions": 26.0, "loaded": 3.0, "empty": 23.0, "unchanged": 0.0, "purged": 0.0, "failed": 0.0, "rows": 4.0, "files": 3.0}
	result := first.lastLine(t)
	for key, value := range want {
		if result[key] != value {
			t.Errorf("%s is %v, want %v", key, result[key], value)
		}
	}
	if first.code != exitDone || len(result["load_ids"].([]any)) != 3 || first.stderr != "" { // no bar where no terminal is
		t.Errorf("exit %d, %v", first.code, result)
	}
	again := w.run("load", "--date", "2026-11-20", "--table", "postbacks,forwards")
	if again.code != exitDone || !strings.Contains(again.stdout, "26 partitions: 0 loaded (0 rows, 0 files), 0 empty, 26 unchanged") {
		t.Errorf("exit %d, %s", again.code, again.stdout)
	}
}

func TestStatusShowsRedFirst(t *testing.T) {
	w := migrated(t)
	w.archive("postbacks/dt=2026-11-19/hr=01/a.gz", packed(`{"n":1}`))
	w.archive("postbacks/dt=2026-11-20/hr=01/a.gz", packed(`{"n":1}`))
	w.run("load", "--from", "2026-11-19")
	w.archive("postbacks/dt=2026-11-20/hr=01/late.gz", packed(`{"n":2}`))
	w.archive("forwards/dt=2026-11-18/hr=02/new.gz", packed(`{"n":2}`))
	got := w.run("status", "--from", "2026-11-18", "--json")
	result := got.lastLine(t)
	days := result["days"].([]any)
	first, second := days[0].(map[string]any), days[1].(map[string]any)
	if got.code != exitDone || result["red"] != 2.0 || first["table"] != "forwards" || first["missing"] != 1.0 || second["table"] != "postbacks" || second["late"] != 1.0 {
		t.Errorf("exit %d, %v", got.code, result)
	}
	red := second["red_hours"].([]any)
	if len(red) != 1 || red[0].(map[string]any)["hour"] != 1.0 || red[0].(map[string]any)["state"] != "late" || red[0].(map[string]any)["files"] != 2.0 {
		t.Errorf("red hours %v", red)
	}
	table := w.run("status")
	if table.code != exitDone || !strings.Contains(table.stdout, "2 hours to load") || !strings.Contains(table.stdout, "days of a table without a file") || strings.Contains(table.stdout, "2026-11-14") {
		t.Errorf("exit %d, %s", table.code, table.stdout)
	}
	if all := w.run("status", "--all"); all.code != exitDone || !strings.Contains(all.stdout, "2026-11-14") {
		t.Errorf("exit %d, %s", all.code, all.stdout)
	}
	plan := w.run("plan", "--from", "2026-11-18")
	if plan.code != exitDone || !strings.Contains(plan.stdout, "2 partitions to load of") || !strings.Contains(plan.stdout, "late") {
		t.Errorf("exit %d, %s", plan.code, plan.stdout)
	}
}

func TestWhatGoesWrongHasItsExitCode(t *testing.T) {
	w := migrated(t)
	dsn := w.env["BACKSTOP_WAREHOUSE_DSN"]
	for _, c := range []struct {
		name, date string
		change     func()
		code       int
		words      string
	}{
		{"an unreadable file", "2026-11-20", func() {
			w.archive("postbacks/dt=2026-11-20/hr=01/bad.gz", packed(`{"n":1}`, `{"n":`))
		}, exitData, "postbacks/dt=2026-11-20/hr=01/bad.gz line 2"},
		{"a stray file", "2026-11-19", func() { w.archive("postbacks/dt=2026-11-19/hr=1/a.gz", packed(`{}`)) }, exitData, "postbacks/dt=2026-11-19/hr=1/a.gz"},
		{"the bucket lies in another region", "2026-11-17", func() {
			w.archive("postbacks/dt=2026-11-17/hr=01/a.gz", packed(`{"n":1}`))
			w.env["AWS_REGION"] = "eu-west-1"
		}, exitConfiguration, "AWS_REGION must be the bucket's"},
		{"a wrong password", "2026-11-18", func() {
			w.env["BACKSTOP_WAREHOUSE_DSN"] = strings.Replace(dsn, "@", "-s3cret@", 1)
		}, exitConfiguration, "BACKSTOP_WAREHOUSE_DSN"},
		{"the warehouse is down", "2026-11-18", func() {
			w.env["BACKSTOP_WAREHOUSE_DSN"] = "postgres://u:s3cret@127.0.0.1:1/db?sslmode=disable"
		}, exitTransient, "cannot be reached"},
		{"not migrated", "2026-11-18", func() { w.exec("DROP TABLE landing.load_lock") }, exitConfiguration, "backstop migrate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.env["BACKSTOP_WAREHOUSE_DSN"], w.env["AWS_REGION"] = dsn, "us-east-1"
			c.change()
			got := w.run("load", "--date", c.date, "--json")
			if got.code != c.code || !strings.Contains(got.stderr, c.words) || strings.Contains(got.stderr, "s3cret") {
				t.Errorf("exit %d, %s", got.code, got.stderr)
			}
			if result := got.lastLine(t); result["verb"] != "load" || result["exit_code"] != float64(c.code) || result["error"] == "" {
				t.Errorf("the result is %v", result)
			}
		})
	}
}

func TestWhatTUNESaysIsFetchedAndLoadedAlike(t *testing.T) {
	w := migrated(t)
	w.createOffer("Game One")
	if got := w.run("fetch"); got.code != exitDone {
		t.Fatalf("exit %d, %s", got.code, got.stderr)
	}
	result := w.run("load", "--date", "2026-11-20", "--json").lastLine(t)
	if result["loaded"] != 2.0 || result["rows"] != 4.0 { // an offer, and a line for each of three fetches
		t.Errorf("result %v", result)
	}
}

func TestThePlanShowsTheSQLOfWhatIsDue(t *testing.T) {
	w := migrated(t)
	w.archive("postbacks/dt=2026-11-20/hr=01/a.gz", packed(`{"n":1}`))
	people := w.run("plan", "--date", "2026-11-20", "--sql")
	if people.code != exitDone || !strings.Contains(people.stdout, "-- postbacks 2026-11-20 01h: new\nBEGIN;\nLOCK landing.load_lock;\n") {
		t.Errorf("exit %d, %s", people.code, people.stdout)
	}
	due := w.run("plan", "--date", "2026-11-20", "--sql", "--json").lastLine(t)["due"].([]any)
	sql := due[0].(map[string]any)["sql"].([]any)
	if len(due) != 1 || sql[0] != "BEGIN" || sql[len(sql)-1] != "COMMIT" {
		t.Errorf("due %v", due)
	}
	if plain := w.run("plan", "--date", "2026-11-20", "--json").lastLine(t)["due"].([]any); plain[0].(map[string]any)["sql"] != nil {
		t.Errorf("without --sql: %v", plain)
	}
	delete(w.env, "BACKSTOP_COPY_ROLE")
	if got := w.run("plan", "--date", "2026-11-20", "--sql"); got.code != exitConfiguration || !strings.Contains(got.stderr, "BACKSTOP_COPY_ROLE") {
		t.Errorf("without a role: exit %d, %s", got.code, got.stderr)
	}
}

func TestBadLinesAreLeftOutOnlyWhenAllowedAndThenReported(t *testing.T) {
	w := migrated(t)
	w.archive("postbacks/dt=2026-11-20/hr=01/a.gz", packed(`{"n":1}`, `{"idfa":"6D92078A"`, `{"n":3}`))
	load := func(args ...string) outcome {
		return w.run(append([]string{"load", "--date", "2026-11-20", "--hour", "1", "--table", "postbacks"}, args...)...)
	}
	if refused := load(); refused.code != exitData || !strings.Contains(refused.stderr, "a.gz line 2") || !strings.Contains(refused.stderr, "--max-errors") {
		t.Errorf("exit %d, %s", refused.code, refused.stderr)
	}
	result := load("--max-errors", "1", "--json").lastLine(t)
	bad := result["bad_lines"].([]any)
	if result["rows"] != 2.0 || result["errors"] != 1.0 || len(bad) != 1 || bad[0].(map[string]any)["line"] != 2.0 {
		t.Errorf("result %v", result)
	}
	people := load("--max-errors", "1", "--force")
	if people.code != exitDone || !strings.Contains(people.stdout, "1 bad line left out") || strings.Contains(people.stdout, "6D92078A") {
		t.Errorf("exit %d, %s", people.code, people.stdout)
	}
}

func TestPurgeSaysWhatItRemoves(t *testing.T) {
	w := migrated(t)
	w.archive("postbacks/dt=2026-11-18/hr=01/a.gz", packed(`{"n":1}`, `{"n":2}`))
	w.archive("postbacks/dt=2026-11-19/hr=01/a.gz", packed(`{"n":3}`))
	w.run("load", "--from", "2026-11-18", "--hour", "1")
	args := []string{"purge", "--table", "postbacks", "--before", "2026-11-19"}
	dry := w.run(append(args, "--dry-run", "--json")...).lastLine(t)
	if dry["dry_run"] != true || dry["partitions"] != 1.0 || dry["rows"] != 2.0 {
		t.Errorf("dry run: %v", dry)
	}
	if got := w.run(args...); got.code != exitDone || !strings.Contains(got.stdout, "1 partition purged from landing.postbacks before 2026-11-19: 2 rows") {
		t.Errorf("exit %d, %s%s", got.code, got.stdout, got.stderr)
	}
	if again := w.run(append(args, "--json")...).lastLine(t); again["partitions"] != 0.0 {
		t.Errorf("again: %v", again)
	}
	if load := w.run("load", "--from", "2026-11-18", "--hour", "1", "--json").lastLine(t); load["purged"] != 1.0 || load["loaded"] != 0.0 {
		t.Errorf("load: %v", load)
	}
}

func TestThePlanCanLetRedshiftReadTheFiles(t *testing.T) {
	w := migrated(t)
	w.archive("postbacks/dt=2026-11-20/hr=01/a.gz", packed(`{"n":1}`))
	args := []string{"plan", "--date", "2026-11-20", "--check", "--json"}
	if good := w.run(args...); good.code != exitDone || len(good.lastLine(t)["due"].([]any)) != 1 {
		t.Errorf("exit %d, %s%s", good.code, good.stdout, good.stderr)
	}
	w.archive("postbacks/dt=2026-11-20/hr=02/bad.gz", packed(`{"n":1}`, `{"n":`))
	bad := w.run(args...)
	due := bad.lastLine(t)["due"].([]any)
	if bad.code != exitData || len(due) != 2 || !strings.Contains(due[1].(map[string]any)["problem"].(string), "bad.gz line 2") {
		t.Errorf("exit %d, %s%s", bad.code, bad.stdout, bad.stderr)
	}
	if rows := w.count("SELECT COUNT(*) FROM landing.postbacks") + w.count("SELECT COUNT(*) FROM landing.loads"); rows != 0 {
		t.Errorf("%d rows were written", rows)
	}
}
