package tune_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"backstop/loader"
	"backstop/loader/tune"
	"backstop/local/clock"
	standin "backstop/local/tune"
)

func newYork(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// Against the stand-in: two clicks on the 18th and 19th of New York, the second an hour before midnight there.
func TestClicksAreFetchedDayByDayInTheNetworksZone(t *testing.T) {
	zone := newYork(t)
	now := clock.At(time.Date(2026, 11, 18, 5, 0, 0, 0, time.UTC)) // 00:00 in New York
	server := standin.New(standin.Config{Clock: now, Zone: zone, Seed: 7, NetworkID: "demo", NetworkToken: token})
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	offer := created(t, listening.URL)
	click(t, listening.URL, offer, "38400000-8cf0-11bd-b23e-10b96e40000d")
	now.Set(time.Date(2026, 11, 20, 4, 30, 0, 0, time.UTC)) // 23:30 of the 19th in New York
	click(t, listening.URL, offer, "")
	now.Set(time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC))

	b := newBench(t, nil)
	api, err := tune.NewClient(listening.URL, token, b.wait())
	if err != nil {
		t.Fatal(err)
	}
	b.API = api
	var fetches []tune.Fetch
	for _, date := range []string{"2026-11-18", "2026-11-19"} {
		fetch, err := b.FetchClicks(context.Background(), zone, date)
		if err != nil {
			t.Fatal(err)
		}
		fetches = append(fetches, fetch)
	}
	lines := b.archive.lines(t, "tune_clicks/dt=2026-11-20/hr=05/")
	if len(lines) != 2 {
		t.Fatalf("fetches %+v, lines %v", fetches, lines)
	}
	for i, want := range []struct{ fetch, datetime, device, day string }{
		{"fetch-1", "2026-11-18 00:00:00", "38400000-8cf0-11bd-b23e-10b96e40000d", "2026-11-18"},
		{"fetch-2", "2026-11-19 23:30:00", "", "2026-11-19"},
	} {
		if got := lines[i]; got["fetch_id"] != want.fetch || got["datetime"] != want.datetime || got["advertising_id"] != want.device || got["affiliate_sub1"] != "one" {
			t.Errorf("line %d is %v, want %+v", i, got, want)
		}
		for _, unkept := range []string{"android_id", "url", "google_aid", "device_id"} {
			if _, kept := lines[i][unkept]; kept {
				t.Errorf("%s is archived", unkept)
			}
		}
		if got := fetches[i]; got.Rows != 1 || got.Pages != 24 || *got.WindowFrom != want.day || *got.WindowTo != want.day {
			t.Errorf("fetch %+v, want %+v", got, want)
		}
	}
	closing := b.archive.lines(t, "tune_fetches/dt=2026-11-20/hr=05/fetch-2")
	wantLine := map[string]any{"v": 1.0, "fetch_id": "fetch-2", "target": "clicks", "window_from": "2026-11-19", "window_to": "2026-11-19",
		"rows": 1.0, "pages": 24.0, "observed_at": "2026-11-20T05:00:00.000000Z"}
	if len(closing) != 1 || !reflect.DeepEqual(closing[0], wantLine) {
		t.Errorf("the closing line is %v", closing)
	}
}

func created(t *testing.T, server string) (offer string) {
	t.Helper()
	form := url.Values{"NetworkToken": {token}, "Target": {"Offer"}, "Method": {"create"}, "data[name]": {"Game One"}, "data[status]": {"active"},
		"data[offer_url]": {"https://mmp.example/app?clickid={transaction_id}"}, "data[default_payout]": {"2"}, "data[max_payout]": {"2.6"}}
	response, err := http.PostForm(server+"/Apiv3/json", form)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return "1001" // the first that an account makes
}

func click(t *testing.T, server, offer, device string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(server + "/aff_c?offer_id=" + offer + "&aff_id=2002&aff_sub=one&android_id=9774d56d682e549c&google_aid=" + device)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusFound {
		t.Fatalf("the click: status %d", response.StatusCode)
	}
}

const logHeader = "transaction_id,offer_id,affiliate_id,advertiser_id,affiliate_source,affiliate_sub1,affiliate_sub2,affiliate_sub3,affiliate_sub4," +
	"affiliate_sub5,datetime,status,is_click_unique,ip,country_code,user_agent,device_brand,device_model,device_os,device_os_version,ios_ifa,google_aid"

func logLine(transaction, agent string) string {
	return transaction + `,1001,2002,301,,,,,,,"2026-11-18 19:00:01",,0,203.0.113.9,US,"` + agent + `",,,,,,`
}

// rawLog is a fake of TUNE's raw log for faults: the hours of one UTC day, whose first log has the content; files are served beside it.
type rawLog struct {
	hours   int                       // that are published
	content func(download int) []byte // of the first hour, by the number of its download
	status  func(download int) int    // of its answer
	files   *httptest.Server
	asked   int // for the link of the first hour
}

func (l *rawLog) start(t *testing.T) *bench {
	t.Helper()
	downloads := 0
	l.files = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/20261119/clicks-0.zip" {
			_, _ = w.Write(zipped("clicks.csv", logHeader+"\n"))
			return
		}
		downloads++
		if l.status != nil {
			w.WriteHeader(l.status(downloads))
		}
		_, _ = w.Write(l.content(downloads))
	}))
	t.Cleanup(l.files.Close)
	return newBench(t, func(_ int, q url.Values) (int, string) { return 200, response(`{"status":1,"data":%s}`, l.reply(q)) })
}

func (l *rawLog) reply(q url.Values) string {
	switch q.Get("Method") {
	case "listDateDirs":
		return `{"dateDirs":[{"dirName":"20261119"},{"dirName":"20261118"}]}`
	case "listLogs":
		if q.Get("date_dir") != "20261119" {
			return `{"logFiles":[]}`
		}
		var files []string
		for hour := range l.hours {
			start := time.Date(2026, 11, 19, hour, 0, 0, 0, time.UTC).Unix()
			files = append(files, fmt.Sprintf(`{"startTimestamp":"%d","filename":"20261119/clicks-%d.zip"}`, start, hour))
		}
		return `{"logFiles":[` + strings.Join(files, ",") + `]}`
	default:
		if q.Get("log_filename") == "20261119/clicks-0.zip" {
			l.asked++
		}
		return fmt.Sprintf(`{"link":"%s/%s?Signature=s3cret"}`, l.files.URL, q.Get("log_filename"))
	}
}

func zipped(name, content string) []byte {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	file, err := archive.Create(name)
	if err != nil {
		panic(err)
	}
	if _, err := file.Write([]byte(content)); err != nil {
		panic(err)
	}
	if err := archive.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func always(content []byte) func(int) []byte { return func(int) []byte { return content } }

// A link that has ended and a zip without its end are asked for again; the log counts once.
func TestALinkThatHasExpiredOrALogThatIsCutIsAskedForAgain(t *testing.T) {
	whole := zipped("clicks.csv", logHeader+"\n"+logLine("a", "x")+"\n")
	for name, log := range map[string]*rawLog{
		"expired": {hours: 24, content: always(whole), status: func(n int) int { return map[bool]int{true: 403, false: 200}[n < 3] }},
		"cut": {hours: 24, content: func(n int) []byte {
			if n < 3 {
				return whole[:len(whole)/2]
			}
			return whole
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := log.start(t)
			fetch, err := b.FetchClicks(context.Background(), time.UTC, "2026-11-19")
			if err != nil {
				t.Fatal(err)
			}
			if log.asked != 3 || fetch.Rows != 1 || len(b.archive.lines(t, "tune_clicks/")) != 1 {
				t.Errorf("%d links, fetch %+v", log.asked, fetch)
			}
		})
	}
}

func TestAClickLogThatCannotBeReadIsNotComplete(t *testing.T) {
	line := logLine("a", "x") + "\n"
	for _, c := range []struct {
		name  string
		log   *rawLog
		class loader.Class
		words []string
	}{
		{"a missing column", &rawLog{hours: 24, content: always(zipped("c.csv", strings.Replace(logHeader, ",ip,", ",ipp,", 1)+"\n"+line))}, loader.Data,
			[]string{"20261119/clicks-0.zip", "no column ip"}},
		{"a line that is too short", &rawLog{hours: 24, content: always(zipped("c.csv", logHeader+"\n"+line+"b,1001\n"))}, loader.Data,
			[]string{"20261119/clicks-0.zip", "line 3", "wrong number of fields", "fetch the day again"}},
		{"no header", &rawLog{hours: 24, content: always(zipped("c.csv", ""))}, loader.Data, []string{"no header"}},
		{"always cut", &rawLog{hours: 24, content: always([]byte("PK"))}, loader.Transient, []string{"no whole zip"}},
		{"always expired", &rawLog{hours: 24, content: always(nil), status: func(int) int { return 403 }}, loader.Transient, []string{"HTTP 403", "expired"}},
		{"hours that are not there yet", &rawLog{hours: 22, content: always(zipped("c.csv", logHeader+"\n"+line))}, loader.Transient,
			[]string{"fetch clicks of 2026-11-19", "missing: 22h, 23h", "Fetch again later"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := c.log.start(t)
			_, err := b.FetchClicks(context.Background(), time.UTC, "2026-11-19")
			if err == nil || loader.ClassOf(err) != c.class {
				t.Fatalf("class %s, err %v", loader.ClassOf(err), err)
			}
			for _, words := range c.words {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q lacks %q", err, words)
				}
			}
			if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), token) {
				t.Errorf("a secret shows: %v", err)
			}
			if len(b.archive.lines(t, "tune_fetches/")) != 0 {
				t.Error("a fetch that failed is called complete")
			}
		})
	}
}

func TestADayThatTUNEKeepsNoMoreIsRefused(t *testing.T) {
	b := (&rawLog{hours: 24}).start(t)
	_, err := b.FetchClicks(context.Background(), time.UTC, "2026-11-17")
	if loader.ClassOf(err) != loader.Data || !errors.Is(err, tune.ErrNotKept) || !strings.Contains(err.Error(), "begins on 20261118") {
		t.Errorf("err %v", err)
	}
}

// The quiet hours 1 to 22 have no log, the last one has.
func TestAnHourWithoutALogBeforeOneWithALogHadNoClicks(t *testing.T) {
	log := &rawLog{hours: 1, content: always(zipped("c.csv", logHeader+"\n"+logLine("a", "x")+"\n"))}
	b := log.start(t)
	inner := b.tune.reply
	b.tune.reply = func(call int, q url.Values) (int, string) {
		if q.Get("Method") == "listLogs" && q.Get("date_dir") == "20261119" {
			last := time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC).Unix()
			first := time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC).Unix()
			return 200, response(`{"status":1,"data":{"logFiles":[{"startTimestamp":%d,"filename":"20261119/late.zip"},{"startTimestamp":%d,"filename":"20261119/clicks-0.zip"}]}}`, last, first)
		}
		return inner(call, q)
	}
	fetch, err := b.FetchClicks(context.Background(), time.UTC, "2026-11-19")
	if err != nil || fetch.Pages != 2 || fetch.Rows != 1 {
		t.Errorf("fetch %+v, err %v", fetch, err)
	}
}

// A user agent may hold quotes, NUL and bytes that are no UTF-8: the line is loadable all the same.
func TestAClicksTextsAreMadeLoadable(t *testing.T) {
	content := logHeader + "\n" + logLine("quoted", `Agent "x" y`) + "\n" + logLine("latin", "caf\xe9") + "\n" + logLine("nul", "a\x00b") + "\n"
	b := (&rawLog{hours: 24, content: always(zipped("c.csv", content))}).start(t)
	if _, err := b.FetchClicks(context.Background(), time.UTC, "2026-11-19"); err != nil {
		t.Fatal(err)
	}
	lines := b.archive.lines(t, "tune_clicks/")
	if lines[0]["user_agent"] != `Agent "x" y` || lines[1]["user_agent_base64"] != "Y2Fm6Q==" || lines[2]["user_agent_base64"] != "YQBi" {
		t.Errorf("lines %v", lines)
	}
}

// A large log becomes several files, and no more than one of them is held.
func TestALargeLogIsArchivedInParts(t *testing.T) {
	var content strings.Builder
	content.WriteString(logHeader + "\n")
	random := uint64(1)
	const rows = 15_000
	for n := range rows {
		var agent strings.Builder
		for range 60 { // hexadecimal digits pack to half
			random = random*6364136223846793005 + 1442695040888963407
			fmt.Fprintf(&agent, "%016x", random)
		}
		fmt.Fprintln(&content, logLine(fmt.Sprintf("102%027x", n), agent.String()))
	}
	b := (&rawLog{hours: 24, content: always(zipped("c.csv", content.String()))}).start(t)
	fetch, err := b.FetchClicks(context.Background(), time.UTC, "2026-11-19")
	if err != nil || fetch.Rows != rows || len(b.archive.lines(t, "tune_clicks/")) != rows {
		t.Fatalf("fetch %+v, err %v", fetch, err)
	}
	parts := 0
	for key, body := range b.archive.files {
		if strings.HasPrefix(key, "tune_clicks/") {
			parts++
			if len(body) > 5<<20 {
				t.Errorf("%s has %d bytes", key, len(body))
			}
		}
	}
	if parts < 2 {
		t.Errorf("%d parts", parts)
	}
}

// Each golden line of records/tune_clicks.ndjson is what a fetch makes of a log with the same cells, beside others that are not kept.
func TestGoldenClicks(t *testing.T) {
	golden := goldenLines(t, "tune_clicks")
	var rows strings.Builder
	columns := strings.Split(logHeader, ",")
	fmt.Fprintln(&rows, logHeader+",android_id")
	for _, line := range golden {
		for _, column := range columns {
			value, _ := line[column].(string)
			if encoded, binary := line[column+"_base64"].(string); binary {
				text, err := base64.StdEncoding.DecodeString(encoded)
				if err != nil {
					t.Fatal(err)
				}
				value = string(text)
			}
			if column == "google_aid" {
				value, _ = line["advertising_id"].(string)
			}
			fmt.Fprintf(&rows, "%q,", value)
		}
		fmt.Fprintln(&rows, "9774d56d682e549c")
	}
	b := (&rawLog{hours: 24, content: always(zipped("c.csv", strings.ReplaceAll(rows.String(), `\xe9`, "\xe9")))}).start(t)
	b.NewID = func() string { return golden[0]["fetch_id"].(string) }
	if _, err := b.FetchClicks(context.Background(), time.UTC, "2026-11-19"); err != nil {
		t.Fatal(err)
	}
	for i, line := range b.archive.lines(t, "tune_clicks/") {
		line["observed_at"] = golden[i]["observed_at"]
		if !reflect.DeepEqual(line, golden[i]) {
			t.Errorf("got  %v\nwant %v", line, golden[i])
		}
	}
}
