package main

import (
	"strings"
	"testing"
	"time"
)

func TestFetchCopiesEachTargetAndDatesTheWindowByTUNE(t *testing.T) {
	w := newWorld(t)
	w.createOffer("Game One")
	got := w.run("fetch", "--json")
	if got.code != exitDone {
		t.Fatalf("exit %d, %s", got.code, got.stderr)
	}
	fetches := got.lastLine(t)["fetches"].([]any)
	want := []struct {
		target   string
		rows     float64
		from, to any
	}{{"conversions", 0, "2026-11-11", "2026-11-20"}, {"offers", 1, nil, nil}, {"goals", 0, nil, nil}}
	for i, expected := range want {
		fetch := fetches[i].(map[string]any)
		if fetch["target"] != expected.target || fetch["rows"] != expected.rows || fetch["window_from"] != expected.from || fetch["window_to"] != expected.to {
			t.Errorf("fetch %v, want %v", fetch, expected)
		}
		if fetch["observed_at"] != "2026-11-20T12:30:00Z" {
			t.Errorf("observed_at %v is not TUNE's time", fetch["observed_at"])
		}
	}
	table := w.run("fetch", "--target", "offers,goals")
	if table.code != exitDone || !strings.Contains(table.stdout, "offers") || strings.Contains(table.stdout, "conversions") {
		t.Errorf("exit %d, %s", table.code, table.stdout)
	}
}

// Nine days back from the date at TUNE, which in the night is not the one in UTC.
func TestTheLookBackIsByTUNEsDate(t *testing.T) {
	w := newWorld(t)
	w.createOffer("Game One")
	night := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC) // 22:00 of the 20th in New York
	first := time.Date(2026, 11, 11, 5, 0, 0, 0, time.UTC) // midnight nine days before
	for _, at := range []time.Time{first.Add(-time.Second), first, night} {
		w.convert(at)
	}
	w.clock.Set(night)
	fetch := w.must("fetch", "--target", "conversions", "--json").lastLine(t)["fetches"].([]any)[0].(map[string]any)
	if fetch["rows"] != 2.0 || fetch["window_from"] != "2026-11-11" || fetch["window_to"] != "2026-11-20" {
		t.Errorf("fetch %v", fetch)
	}
}

func TestFetchFailsByItsClassAndShowsNoToken(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world)
		code   int
		words  string
	}{
		"TUNE is down": {func(w *world) { w.tune.Close() }, exitTransient, "TUNE"},
		"no secret":    {func(w *world) { w.env["BACKSTOP_TUNE_SECRET"] = "another" }, exitConfiguration, "BACKSTOP_TUNE_SECRET"},
		"secrets down": {func(w *world) { w.t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1") }, exitTransient, "Secrets Manager"},
		"archive down": {func(w *world) { w.t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1") }, exitTransient, "s3://backstop-archive"},
		"no bucket":    {func(w *world) { w.env["BACKSTOP_ARCHIVE"] = "s3://elsewhere" }, exitConfiguration, "BACKSTOP_ARCHIVE"},
		"bad zone":     {func(w *world) { w.env["BACKSTOP_TIME_ZONE"] = "Mars/Olympus" }, exitConfiguration, "BACKSTOP_TIME_ZONE"},
		"bad address":  {func(w *world) { w.env["BACKSTOP_TUNE_API"] = "tune" }, exitConfiguration, "BACKSTOP_TUNE_API"},
		"no credentials": {func(w *world) {
			w.t.Setenv("AWS_ACCESS_KEY_ID", "")
			w.t.Setenv("AWS_SECRET_ACCESS_KEY", "")
			w.t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
		}, exitConfiguration, "AWS_ACCESS_KEY_ID"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.change(w)
			got := w.run("fetch", "--json")
			if got.code != c.code || !strings.Contains(got.stderr, c.words) {
				t.Errorf("exit %d, %s", got.code, got.stderr)
			}
			if strings.Contains(got.stdout+got.stderr, networkToken) {
				t.Errorf("the token shows: %s%s", got.stdout, got.stderr)
			}
			if result := got.lastLine(t); result["exit_code"] != float64(c.code) {
				t.Errorf("the result is %v", result)
			}
		})
	}
}

// The clock of TUNE stands at 07:30 of the 20th in New York; its only click was then, so the 19th is before its log begins.
func TestClicksAreFetchedOnceTheirDayIsOver(t *testing.T) {
	w := newWorld(t)
	w.createOffer("Game One")
	w.click()
	today := w.run("fetch", "--target", "clicks", "--from", "2026-11-20", "--to", "2026-11-20", "--json")
	if fetches := today.lastLine(t)["fetches"].([]any); today.code != exitDone || len(fetches) != 0 || !strings.Contains(today.stderr, "2026-11-20 is not over") {
		t.Errorf("today: exit %d, %v, %s", today.code, fetches, today.stderr)
	}
	w.clock.Set(noon().AddDate(0, 0, 1))
	tomorrow := w.run("fetch", "--target", "clicks", "--json")
	fetches := tomorrow.lastLine(t)["fetches"].([]any)
	if tomorrow.code != exitDone || len(fetches) != 1 {
		t.Fatalf("tomorrow: exit %d, %v, %s", tomorrow.code, fetches, tomorrow.stderr)
	}
	if fetch := fetches[0].(map[string]any); fetch["target"] != "clicks" || fetch["rows"] != 1.0 || fetch["window_from"] != "2026-11-20" {
		t.Errorf("fetch %v", fetch)
	}
	old := w.run("fetch", "--target", "clicks", "--from", "2026-11-19", "--to", "2026-11-21", "--json")
	if fetches := old.lastLine(t)["fetches"].([]any); old.code != exitDone || len(fetches) != 1 || !strings.Contains(old.stderr, "clicks of 2026-11-19: TUNE keeps no click log") {
		t.Errorf("with a day that is kept no more: exit %d, %v, %s", old.code, fetches, old.stderr)
	}
}

func TestAnMMPsReportIsArchivedOnce(t *testing.T) {
	w := newWorld(t)
	arguments := []string{"fetch", "mmp-report", "--source", "appsflyer", "--file", "../../loader/mmp/testdata/installs.csv", "--json"}
	for _, known := range []bool{false, true} {
		got := w.run(arguments...)
		if got.code != exitDone {
			t.Fatalf("exit %d, %s", got.code, got.stderr)
		}
		report := got.lastLine(t)["report"].(map[string]any)
		if report["rows"] != 2.0 || report["window_from"] != "2026-11-19" || report["window_to"] != "2026-11-20" || report["known"] != known {
			t.Errorf("report %v", report)
		}
	}
	table := w.run(arguments[:6]...)
	if table.code != exitDone || !strings.Contains(table.stdout, "nothing was done") || !strings.Contains(table.stdout, "installs_report") {
		t.Errorf("exit %d, %s", table.code, table.stdout)
	}
	arguments[5] = "nowhere.csv"
	if got := w.run(arguments...); got.code != exitConfiguration || !strings.Contains(got.stderr, "nowhere.csv") {
		t.Errorf("exit %d, %s", got.code, got.stderr)
	}
}
