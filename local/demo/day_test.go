package demo_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"backstop/local/demo"
	"backstop/local/postgres/postgrestest"
)

// logged is the progress of a demo that a test watches.
type logged struct{ t *testing.T }

func (l logged) Phase(what string)            { l.t.Log(what) }
func (l logged) Note(format string, a ...any) { l.t.Logf(format, a...) }
func (logged) Step(string, int, int)          {}

const (
	requests = 500
	zone     = "America/New_York"
)

// TestDayFromPostbackToMarts plays one day through the functions, the queue, the archive, Airflow, the loader and dbt, and then does to it
// what happens to days.
func TestDayFromPostbackToMarts(t *testing.T) {
	d, day := playDay(t, seeds()[0])
	t.Run("the marts say what happened", func(t *testing.T) { martsHold(t, d) })
	t.Run("clearing the run changes nothing", func(t *testing.T) {
		if changed := got(d.Rerun(t.Context()))(t); changed != 0 {
			t.Errorf("%d mart rows differ after the run was cleared", changed)
		}
	})
	t.Run("an altered value is seen in every checked column", func(t *testing.T) { everyColumnIsChecked(t, d) })
	t.Run("without Airflow the day comes out the same", func(t *testing.T) { reprocessingChangesNothing(t, d, day) })
	t.Run("an empty day is a day of zeros", func(t *testing.T) { emptyDay(t, d, day) })
	t.Run("a late file is found and the day is then right", func(t *testing.T) { lateFile(t, d, day) })
}

// TestTheMartsSayWhatHappenedAtOtherSeeds plays other traffic on a stack of its own each.
func TestTheMartsSayWhatHappenedAtOtherSeeds(t *testing.T) {
	for _, seed := range seeds()[1:] {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			d, _ := playDay(t, seed)
			martsHold(t, d)
		})
	}
}

func seeds() []uint64 { return []uint64{11, 12, 2026} }

func playDay(t *testing.T, seed uint64) (*demo.Demo, string) {
	t.Helper()
	location := got(time.LoadLocation(zone))(t)
	day := time.Now().In(location).AddDate(0, 0, -1).Format(time.DateOnly)
	d := got(demo.New(t.Context(), demo.Options{
		Root: got(filepath.Abs(filepath.Join("..", "..")))(t), State: postgrestest.Data(t), PostgresBin: postgrestest.Bin(t),
		Zone: location, Days: []string{day}, RequestsPerDay: requests, Seed: seed, Progress: logged{t},
	}))(t)
	t.Cleanup(func() {
		if err := d.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("stop the demo: %v", err)
		}
	})
	must(t, d.PlayDay(t.Context(), day))
	must(t, d.RunDay(t.Context(), day))
	return d, day
}

func martsHold(t *testing.T, d *demo.Demo) {
	result, findings, err := d.Judge(t.Context())
	must(t, err)
	for _, line := range findings.Imbalances {
		t.Error(line)
	}
	for _, m := range findings.Mismatches {
		t.Errorf("%s (%s) %s: happened %q, the marts say %q", m.ID, m.Kind, m.Column, m.Want, m.Got)
	}
	for _, leak := range findings.Leaks {
		t.Errorf("%s line %d holds %s", leak.File, leak.Line, leak.What)
	}
	if day := result.Days[0]; day.Received < requests {
		t.Errorf("of %d requests %d were received, want at least %d", day.Sent, day.Received, requests)
	}
	for _, row := range findings.Counts.Rows {
		if row.On[0] < 5 {
			t.Errorf("%s was planned %d times, want at least 5", row.Kind, row.On[0])
		}
	}
}

// everyColumnIsChecked alters one value of each compared column in a transaction that is rolled back.
func everyColumnIsChecked(t *testing.T, d *demo.Demo) {
	truth := got(d.Truth(t.Context()))(t)
	for table, columns := range checkedColumns() {
		for column, altered := range columns {
			tx := got(d.DB.BeginTx(t.Context(), nil))(t)
			must(t, alterOne(t.Context(), tx, table, column, altered))
			found := demo.Compare(truth, got(demo.ReadMarts(t.Context(), tx))(t))
			must(t, tx.Rollback())
			if len(found) == 0 {
				t.Errorf("an altered %s.%s is not seen", table, column)
			}
		}
	}
}

// checkedColumns maps each table and column that the truth speaks of to an expression for another value.
func checkedColumns() map[string]map[string]string {
	word, other := `'altered'`, func(column string) string { return column + " + 1" }
	return map[string]map[string]string{
		"marts.fct_postbacks":            {"copy_kind": word, "source": word, "receipt_date": other("receipt_date")},
		"marts.fct_unverified_postbacks": {"verdict": word, "receipt_date": other("receipt_date")},
		"marts.fct_conversions": {
			"report_date": other("report_date"), "mmp_verdict": word, "has_deterministic_flag": "not has_deterministic_flag",
			"possible_repeat": "not possible_repeat", "paused_at_click": word, "paused_at_conversion": word, "billing_status": word,
			"billing_reason": word, "payout": "coalesce(payout, 0) + 1", "revenue": "coalesce(revenue, 0) + 1",
			"sale_amount": "coalesce(sale_amount, 0) + 1", "currency": `'XXX'`, "input_flags": word,
		},
		"marts.fct_tune_reconciliation": {
			"class": word, "revenue_at_risk": other("revenue_at_risk"), "payout_at_risk": other("payout_at_risk"),
		},
		"intermediate.int_conversion_flags": {"severity": word},
	}
}

// alterOne changes one row, the first by its key, so that the test is the same each time.
func alterOne(ctx context.Context, tx *sql.Tx, table, column, altered string) error {
	row := map[string]string{
		"marts.fct_postbacks":               "postback_id = (select min(postback_id) from marts.fct_postbacks)",
		"marts.fct_unverified_postbacks":    "postback_id = (select min(postback_id) from marts.fct_unverified_postbacks)",
		"marts.fct_conversions":             "conversion_id = (select min(conversion_id) from marts.fct_conversions)",
		"marts.fct_tune_reconciliation":     "conversion_id = (select min(conversion_id) from marts.fct_tune_reconciliation)",
		"intermediate.int_conversion_flags": "conversion_id = (select min(conversion_id) from intermediate.int_conversion_flags where severity = 'heuristic')",
	}[table]
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`update %s set %s = %s where %s`, table, column, altered, row))
	return err
}

// facts are the marts but for the list of runs, which a further run makes longer.
func facts(t *testing.T, d *demo.Demo) demo.Snapshot {
	t.Helper()
	snapshot := got(demo.TakeSnapshot(t.Context(), d.DB))(t)
	delete(snapshot, "rpt_runs")
	delete(snapshot, "rpt_volume_trend") // a day that was looked at is a day of zeros to it
	return snapshot
}

func reprocessingChangesNothing(t *testing.T, d *demo.Demo, day string) {
	before := facts(t, d)
	reprocess(t, d, day)
	if changed := before.Changed(facts(t, d)); changed != 0 {
		t.Errorf("%d mart rows differ after the day was reprocessed", changed)
	}
}

// emptyDay runs a day on which nothing came: it is no error, and changes nothing.
func emptyDay(t *testing.T, d *demo.Demo, day string) {
	before := facts(t, d)
	empty := got(time.Parse(time.DateOnly, day))(t).AddDate(0, 0, -3).Format(time.DateOnly)
	reprocess(t, d, empty)
	if changed := before.Changed(facts(t, d)); changed != 0 {
		t.Errorf("%d mart rows differ after the empty day %s was run", changed, empty)
	}
	var rows int
	must(t, d.DB.QueryRowContext(t.Context(), `select count(*) from marts.fct_conversions where report_date = '`+empty+`'`).Scan(&rows))
	if rows != 0 {
		t.Errorf("the empty day has %d conversions", rows)
	}
}

// lateFile puts a file with one more install into an hour that is loaded, and expects that install and nothing else to have come.
func lateFile(t *testing.T, d *demo.Demo, day string) {
	count := func() (postbacks, conversions int) {
		must(t, d.DB.QueryRowContext(t.Context(), `select (select count(*) from marts.fct_postbacks), (select count(*) from marts.fct_conversions)`).
			Scan(&postbacks, &conversions))
		return postbacks, conversions
	}
	postbacks, conversions := count()
	id := putLatePostback(t, d, day)
	reprocess(t, d, day)
	if p, c := count(); p != postbacks+1 || c != conversions+1 {
		t.Errorf("after the late file there are %d postbacks and %d conversions, want %d and %d", p, c, postbacks+1, conversions+1)
	}
	var date time.Time
	must(t, d.DB.QueryRowContext(t.Context(), `select report_date from marts.fct_conversions where first_postback_id = '`+id+`'`).Scan(&date))
	if got := date.Format(time.DateOnly); got != day {
		t.Errorf("the late install is of %s, want %s", got, day)
	}
}

// putLatePostback archives the first golden record under a new id and a new click, received at noon of the day.
func putLatePostback(t *testing.T, d *demo.Demo, day string) (id string) {
	golden := got(os.ReadFile(filepath.Join("..", "..", "records", "postbacks.ndjson")))(t)
	first, _, _ := bytes.Cut(golden, []byte("\n"))
	var record map[string]any
	must(t, json.Unmarshal(first, &record))
	noon := got(time.ParseInLocation("2006-01-02 15:04", day+" 12:00", got(time.LoadLocation(zone))(t)))(t).UTC()
	id = uuid.NewString()
	record["postback_id"], record["received_at"], record["fingerprint"] = id, noon.Format("2006-01-02T15:04:05.000000Z"), strings.Repeat("ab", 32)
	record["params"].(map[string]any)["clickid"] = "102" + strings.Repeat("c", 27)
	var file bytes.Buffer
	zipped := gzip.NewWriter(&file)
	must(t, json.NewEncoder(zipped).Encode(record))
	must(t, zipped.Close())
	key := noon.Format("postbacks/dt=2006-01-02/hr=15/") + "late.gz"
	must(t, d.Stack.Archive.Put(t.Context(), d.Stack.Endpoints.Bucket, key, file.Bytes(), nil))
	return id
}

// reprocess runs what `make reprocess` runs.
func reprocess(t *testing.T, d *demo.Demo, day string) {
	t.Helper()
	dags := filepath.Join("..", "..", "dags")
	cmd := exec.CommandContext(t.Context(), filepath.Join(dags, ".venv", "bin", "python"), filepath.Join(dags, "reprocess.py"), "--day", day)
	cmd.Env = d.Stack.Environ()
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("reprocess %s: %v\n%s", day, err, said)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got unwraps a value and fails the test on its error.
func got[V any](value V, err error) func(t *testing.T) V {
	return func(t *testing.T) V {
		t.Helper()
		must(t, err)
		return value
	}
}
