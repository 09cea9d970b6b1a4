package mmp_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"backstop/loader"
	"backstop/loader/mmp"
)

var update = flag.Bool("update", false, "write records/mmp_*.ndjson from testdata/installs.csv")

// read is when the files of these tests are read.
func read() time.Time { return time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC) }

type memoryArchive struct {
	files  map[string][]byte
	broken string // the stream that cannot be written
}

func newArchive() *memoryArchive { return &memoryArchive{files: map[string][]byte{}} }

func (a *memoryArchive) Put(_ context.Context, key string, body []byte) error {
	if a.broken != "" && strings.HasPrefix(key, a.broken+"/") {
		return errors.New("the archive is away")
	}
	a.files[key] = body
	return nil
}

func (a *memoryArchive) List(_ context.Context, prefix string) ([]loader.Object, error) {
	var found []loader.Object
	for key := range a.files {
		if strings.HasPrefix(key, prefix) {
			found = append(found, loader.Object{Key: key})
		}
	}
	return found, nil
}

// lines gives the text of a stream's lines in the order of their keys.
func (a *memoryArchive) lines(t *testing.T, stream string) []string {
	t.Helper()
	var keys []string
	for key := range a.files {
		if strings.HasPrefix(key, stream+"/dt=2026-11-20/hr=09/") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var lines []string
	for _, key := range keys {
		unpacked, err := gzip.NewReader(bytes.NewReader(a.files[key]))
		if err != nil {
			t.Fatal(err)
		}
		for scan := bufio.NewScanner(unpacked); scan.Scan(); {
			lines = append(lines, scan.Text())
		}
	}
	return lines
}

func decoded(t *testing.T, line string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(line), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func installs() mmp.File {
	return mmp.File{Path: "testdata/installs.csv", Source: "appsflyer", Report: "installs_report", TimeZone: time.UTC}
}

// with is the report of testdata with one text replaced.
func with(t *testing.T, old, replacement string) mmp.File {
	t.Helper()
	text, err := os.ReadFile("testdata/installs.csv")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("testdata has no %q", old)
	}
	return written(t, strings.ReplaceAll(string(text), old, replacement))
}

func written(t *testing.T, text string) mmp.File {
	t.Helper()
	file := installs()
	file.Path = filepath.Join(t.TempDir(), "report.csv")
	if err := os.WriteFile(file.Path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestGoldenRecords(t *testing.T) {
	archive := newArchive()
	if _, err := mmp.Fetch(context.Background(), archive, installs(), read()); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{"mmp_reports", "mmp_report_files"} {
		golden := "../../records/" + stream + ".ndjson"
		got := strings.Join(archive.lines(t, stream), "\n") + "\n"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || got != string(want) {
			t.Errorf("%s: err %v\ngot  %s\nwant %s", stream, err, got, want)
		}
	}
}

func TestARowSaysItsClickTimesAndVerdictInOurWords(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	file := with(t, ",Original URL\n", ",Original URL,Blocked Reason,Blocked Reason Value\n")
	text, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	file = written(t, strings.ReplaceAll(string(text), "&af_siteid=2002&af_c_id=1001\n", "&af_siteid=2002&af_c_id=1001,site_blacklist,1123456\n"))
	file.Report, file.TimeZone = "blocked_installs_report", newYork
	archive := newArchive()
	report, err := mmp.Fetch(context.Background(), archive, file, read())
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != 2 || report.WindowFrom != "2026-11-19" || report.WindowTo != "2026-11-20" || report.TimeZone != "America/New_York" {
		t.Errorf("report %+v", report)
	}
	line := decoded(t, archive.lines(t, "mmp_reports")[1])
	for key, want := range map[string]any{
		"click_id": "102d365610c5506165491ff8395999", "event_name": "install", "app_id": "com.example.gameone", "rejected": true,
		"reject_reason": "site_blacklist", "reject_reason_value": "1123456", "touched_at": "2026-11-20T04:10:00.000000Z",
		"installed_at": "2026-11-20T05:02:03.250000Z", "event_at": "2026-11-20T05:02:03.250000Z", "revenue": nil, "currency": "", "row_number": 3.0,
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
	if row := line["row"].(map[string]any); row["sub_site_id"] != "5511" || row["appsflyer_id"] != "1763000000001-6513895" {
		t.Errorf("row %v", row)
	}
}

func TestTheClickIDMayStandInAColumnOfItsOwn(t *testing.T) {
	file := with(t, "2002,5511,,", "2002,5511,102aaa,")
	file.ClickIDColumn = "Sub Param 1"
	archive := newArchive()
	if _, err := mmp.Fetch(context.Background(), archive, file, read()); err != nil {
		t.Fatal(err)
	}
	if got := decoded(t, archive.lines(t, "mmp_reports")[0])["click_id"]; got != "102aaa" {
		t.Errorf("click_id %v", got)
	}
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	archive := newArchive()
	first, err := mmp.Fetch(context.Background(), archive, installs(), read())
	if err != nil {
		t.Fatal(err)
	}
	files := len(archive.files)
	again, err := mmp.Fetch(context.Background(), archive, installs(), read().Add(26*time.Hour))
	if err != nil || !again.Known || first.Known || again.ReportID != first.ReportID || len(archive.files) != files {
		t.Errorf("again %+v, %d files, err %v", again, len(archive.files), err)
	}
	other := installs()
	other.Report = "blocked_installs_report"
	if got, err := mmp.Fetch(context.Background(), archive, other, read()); err != nil || got.Known || got.ReportID == first.ReportID {
		t.Errorf("as another report: %+v, err %v", got, err)
	}
}

// The line that ends a report is the last thing: without it, the next try writes the report again.
func TestAReportThatCouldNotBeArchivedIsNotKnown(t *testing.T) {
	archive := newArchive()
	archive.broken = "mmp_report_files"
	if _, err := mmp.Fetch(context.Background(), archive, installs(), read()); err == nil {
		t.Fatal("no error")
	}
	archive.broken = ""
	if report, err := mmp.Fetch(context.Background(), archive, installs(), read()); err != nil || report.Known {
		t.Errorf("report %+v, err %v", report, err)
	}
}

func TestADayWithoutRowsIsCoveredIfItIsNamed(t *testing.T) {
	header, err := os.ReadFile("testdata/installs.csv")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(header), "\n")
	file := written(t, first+"\n")
	if _, err := mmp.Fetch(context.Background(), newArchive(), file, read()); loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), "--from and --to") {
		t.Errorf("err %v", err)
	}
	file.From, file.To = "2026-11-19", "2026-11-19"
	report, err := mmp.Fetch(context.Background(), newArchive(), file, read())
	if err != nil || report.Rows != 0 || report.WindowTo != "2026-11-19" {
		t.Errorf("report %+v, err %v", report, err)
	}
}

func TestABadReportIsNamedByLineAndColumnAndNothingIsArchived(t *testing.T) {
	outside := installs()
	outside.From, outside.To = "2026-11-19", "2026-11-19"
	unknown, other, gone := installs(), installs(), installs()
	unknown.Report, other.Source, gone.Path = "clicks_report", "tenjin", "testdata/nowhere.csv"
	noColumn := installs()
	noColumn.ClickIDColumn = "Click ID"
	for name, c := range map[string]struct {
		file  mmp.File
		class loader.Class
		words []string
	}{
		"a missing column":     {with(t, "Install Time,", "Installed,"), loader.Data, []string{"report.csv", "line 1", "Install Time", "export"}},
		"semicolons":           {written(t, "Install Time;Event Time\n1;2\n"), loader.Data, []string{"line 1", "with commas"}},
		"a column twice":       {with(t, "Ad,Ad ID,", "Ad,Ad,"), loader.Data, []string{`column "Ad"`, "twice"}},
		"a bad time":           {with(t, "2026-11-20 00:02:03.250", "20.11.2026 0:02"), loader.Data, []string{"line 3", `column "Install Time"`, "write it like"}},
		"a bad amount":         {with(t, "install,,,,", "install,,\"4,99\",EUR,"), loader.Data, []string{"line 2", `column "Event Revenue"`, "4.99"}},
		"no time at all":       {with(t, "2026-11-20 00:02:03.250", ""), loader.Data, []string{"line 3", `column "Event Time"`}},
		"too many cells":       {with(t, "af_c_id=1001\n", "af_c_id=1001,\n"), loader.Data, []string{"line 2", "wrong number of fields", "export"}},
		"a row outside":        {outside, loader.Data, []string{"line 3", "outside 2026-11-19 to 2026-11-19", "--time-zone"}},
		"empty":                {written(t, ""), loader.Data, []string{"empty"}},
		"an unknown report":    {unknown, loader.Configuration, []string{"clicks_report", "installs_report"}},
		"an unknown source":    {other, loader.Configuration, []string{"tenjin", "appsflyer"}},
		"no such file":         {gone, loader.Configuration, []string{"nowhere.csv"}},
		"no such click column": {noColumn, loader.Data, []string{"Click ID"}},
	} {
		t.Run(name, func(t *testing.T) {
			archive := newArchive()
			_, err := mmp.Fetch(context.Background(), archive, c.file, read())
			if err == nil || loader.ClassOf(err) != c.class {
				t.Fatalf("class %s, err %v", loader.ClassOf(err), err)
			}
			for _, words := range c.words {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q lacks %q", err, words)
				}
			}
			if strings.Contains(err.Error(), "20.11.2026") || strings.Contains(err.Error(), "4,99") {
				t.Errorf("the value shows: %v", err)
			}
			if len(archive.files) != 0 {
				t.Errorf("archived %d files", len(archive.files))
			}
		})
	}
}
