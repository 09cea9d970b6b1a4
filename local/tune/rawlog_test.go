package tune_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"backstop/local/tune"
)

// into decodes the data of an answer that TUNE did not refuse.
func (a answer) into(t *testing.T, data any) {
	t.Helper()
	if a.Status != 1 {
		t.Fatalf("TUNE refused: %s", a.ErrorMessage)
	}
	if err := json.Unmarshal(a.Data, data); err != nil {
		t.Fatal(err)
	}
}

type logFiles struct {
	Files []struct{ Filename, StartTimestamp, DisplayName string } `json:"logFiles"`
}

// clicked makes a click of a phone at 15:30 UTC (10:30 in New York) and moves the clock to 17:05.
func clicked(t *testing.T) (n *network, offer, transaction string) {
	t.Helper()
	n = start(t)
	offer = n.offer()
	request, err := http.NewRequest(http.MethodGet, n.url+"/aff_c?offer_id="+offer+"&aff_id=2002&source=s&aff_sub=one&google_aid=38400000-8cf0-11bd-b23e-10b96e40000d", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36, \"quoted\"")
	request.Header.Set("X-Backstop-Source-Ip", "203.0.113.9")
	request.Header.Set("X-Backstop-Country", "CZ")
	response, err := n.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	_, rest, _ := strings.Cut(response.Header.Get("Location"), "clickid=")
	transaction, _, _ = strings.Cut(rest, "&")
	n.clock.Set(time.Date(2026, 11, 19, 17, 5, 0, 0, time.UTC))
	return n, offer, transaction
}

func (n *network) logFiles(dir string) logFiles {
	n.t.Helper()
	var files logFiles
	n.api("RawLog", "listLogs", "log_type", "clicks", "date_dir", dir).into(n.t, &files)
	return files
}

func (n *network) link(filename string) string {
	n.t.Helper()
	var link struct{ Link string }
	n.api("RawLog", "getDownloadLink", "log_type", "clicks", "log_filename", filename).into(n.t, &link)
	return strings.TrimPrefix(link.Link, n.url)
}

func TestTheClickLogIsAZippedCSVForEachHourThatIsOver(t *testing.T) {
	n, offer, transaction := clicked(t)
	var dirs struct {
		Dirs []struct{ DirName, DisplayName string } `json:"dateDirs"`
	}
	n.api("RawLog", "listDateDirs", "log_type", "clicks").into(t, &dirs)
	if len(dirs.Dirs) != 1 || dirs.Dirs[0].DirName != "20261119" || dirs.Dirs[0].DisplayName != "Nov 19, 2026" {
		t.Errorf("directories %v", dirs.Dirs)
	}
	files := n.logFiles("20261119").Files
	if len(files) != 2 || files[0].DisplayName != "Nov 19, 2026 - 11:00 am" || files[1].StartTimestamp != "1795100400" {
		t.Fatalf("logs %v, want those of 16 and 15 h UTC", files)
	}
	rows := n.rows(n.link(files[1].Filename))
	if len(rows) != 2 || strings.Join(rows[0][:2], ",") != "transaction_id,affiliate_id" {
		t.Fatalf("rows %v", rows)
	}
	got := map[string]string{}
	for i, column := range rows[0] {
		got[column] = rows[1][i]
	}
	for column, want := range map[string]string{
		"transaction_id": transaction, "offer_id": offer, "affiliate_id": "2002", "affiliate_source": "s", "affiliate_sub1": "one",
		"datetime": "2026-11-19 10:30:00", "ip": "203.0.113.9", "country_code": "CZ", "device_os": "Android", "device_os_version": "14",
		"device_model": "Pixel 8", "google_aid": "38400000-8cf0-11bd-b23e-10b96e40000d", "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36, \"quoted\"",
	} {
		if got[column] != want {
			t.Errorf("%s is %q, want %q", column, got[column], want)
		}
	}
	if quiet := n.rows(n.link(files[0].Filename)); len(quiet) != 1 {
		t.Errorf("the hour without clicks has %v", quiet)
	}
}

// rows unpacks what a link leads to.
func (n *network) rows(link string) [][]string {
	n.t.Helper()
	body := []byte(n.text(link))
	zipped, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		n.t.Fatalf("%s: %v", body, err)
	}
	file, err := zipped.File[0].Open()
	if err != nil {
		n.t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		n.t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		n.t.Fatal(err)
	}
	return rows
}

func TestRawLogsRefuseWhatIsNotThere(t *testing.T) {
	n, _, _ := clicked(t)
	for _, c := range []struct {
		method, words string
		pairs         []string
	}{
		{"listDateDirs", "log_type", []string{"log_type", "visits"}},
		{"listDateDirs", "log_type", nil},
		{"listLogs", "date_dir", []string{"log_type", "clicks", "date_dir", "20261118"}},
		{"getDownloadLink", "log_filename", []string{"log_type", "clicks", "log_filename", "20261119/clicks-1.zip"}},
	} {
		if got := n.api("RawLog", c.method, c.pairs...); got.Status != -1 || !strings.Contains(got.ErrorMessage, c.words) {
			t.Errorf("%s %v: %d %s", c.method, c.pairs, got.Status, got.ErrorMessage)
		}
	}
}

func TestALinkEndsAndCannotBeChanged(t *testing.T) {
	n, _, _ := clicked(t)
	link := n.link(n.logFiles("20261119").Files[0].Filename)
	if got := n.get(strings.Replace(link, "Expires=1", "Expires=2", 1)); got.StatusCode != http.StatusForbidden {
		t.Errorf("a changed link: %d", got.StatusCode)
	}
	n.clock.Set(n.clock.Now().Add(16 * time.Minute))
	got := n.get(link)
	body, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusForbidden || !strings.Contains(string(body), "Request has expired") {
		t.Errorf("an old link: %d %s, err %v", got.StatusCode, body, err)
	}
}

func TestAnAccountWithoutClicksHasNoLogs(t *testing.T) {
	n := start(t)
	var dirs struct {
		Dirs []any `json:"dateDirs"`
	}
	n.api("RawLog", "listDateDirs", "log_type", "clicks").into(t, &dirs)
	if len(dirs.Dirs) != 0 {
		t.Errorf("directories %v", dirs.Dirs)
	}
}

func TestALogIsPublishedAfterItsDelayAndCallsCountToTheLimit(t *testing.T) {
	n := start(t, func(c *tune.Config) { c.RawLogDelay, c.CallsPer10s = 30*time.Minute, 6 })
	n.click(n.offer())
	n.clock.Set(time.Date(2026, 11, 19, 16, 29, 59, 0, time.UTC))
	if got := n.api("RawLog", "listLogs", "log_type", "clicks", "date_dir", "20261119"); got.Status != -1 {
		t.Errorf("the log of 15 h is there at 16:29:59: %s", got.Data)
	}
	n.clock.Set(time.Date(2026, 11, 19, 16, 30, 0, 0, time.UTC))
	if got := n.logFiles("20261119").Files; len(got) != 1 {
		t.Errorf("logs at 16:30: %v", got)
	}
	var last answer
	for range 6 {
		last = n.api("RawLog", "listDateDirs", "log_type", "clicks")
	}
	if !strings.Contains(last.ErrorMessage, "exceeded rate limit") {
		t.Errorf("answer to call 9: %s", last.ErrorMessage)
	}
}
