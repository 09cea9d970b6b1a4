package redshift_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

// The measures of the loader, each a ratio of two costs in one run, so that the machine's speed falls out:
//
//	go test ./loader/redshift -run - -bench . -benchtime 1x
//
// BACKSTOP_BENCH_ROWS sets the rows of BenchmarkDay: 400000 by default, 4000000 to see that memory stays flat.

const (
	rowBytes   = 560
	filesOfDay = 8
)

// rowsToLoad is the size of BenchmarkDay.
func rowsToLoad(b *testing.B) int {
	b.Helper()
	text := os.Getenv("BACKSTOP_BENCH_ROWS")
	if text == "" {
		return 400_000
	}
	rows, err := strconv.Atoi(text)
	if err != nil || rows < filesOfDay {
		b.Fatalf("BACKSTOP_BENCH_ROWS=%q is no number of rows", text)
	}
	return rows
}

// row is a document of rowBytes with its newline; no character of it has a meaning in PostgreSQL's text format.
func row(n int) string {
	head := fmt.Sprintf(`{"v":1,"postback_id":"%012d","source":"appsflyer","params":{"clickid":"%032x","pad":"`, n, n*2654435761)
	const tail = "\"}}\n"
	return head + strings.Repeat("p", rowBytes-len(head)-len(tail)) + tail
}

// putDay writes the rows to the archive, in filesOfDay files of the hour.
func (b *bench) putDay(p loader.Partition, rows int) {
	b.t.Helper()
	for file := range filesOfDay {
		var body bytes.Buffer
		w := gzip.NewWriter(&body)
		for n := file; n < rows; n += filesOfDay {
			if _, err := w.Write([]byte(row(n))); err != nil {
				b.t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.t.Fatal(err)
		}
		b.raw(p, strconv.Itoa(file), body.Bytes())
	}
}

// BenchmarkDay loads one day's rows and holds its time against the same transaction with COPY FROM STDIN, straight on the
// PostgreSQL behind the stand-in. heap-MB is what loader, stand-in and client together took at most beyond what was there before.
func BenchmarkDay(t *testing.B) {
	b, rows := newBench(t), rowsToLoad(t)
	b.onStandIn()
	b.putDay(b.hour14, rows)
	b.loader.Force = true
	for t.Loop() {
		plain := timed(func() { b.plain(b.hour15, rows) })
		heap := peakHeap()
		ours := timed(func() { b.load() })
		t.ReportMetric(heap(), "heap-MB")
		t.ReportMetric(float64(rows)/ours.Seconds(), "rows/s")
		t.ReportMetric(float64(rows)/plain.Seconds(), "plain-rows/s")
		t.ReportMetric(plain.Seconds()/ours.Seconds(), "of-plain")
	}
	if got := b.rows(b.hour14).count; got != rows {
		t.Fatalf("%d rows of %d", got, rows)
	}
}

// plain does what a load does to the tables, without archive, stand-in, JSON check and ledger.
func (b *bench) plain(p loader.Partition, rows int) {
	b.t.Helper()
	db := sqlx.MustConnect("postgres", b.standIn.PostgresDSN)
	defer db.Close()
	tx := db.MustBegin()
	defer tx.Rollback()
	tx.MustExec("CREATE TEMP TABLE stage (payload SUPER) ON COMMIT DROP")
	in, err := tx.Prepare("COPY stage (payload) FROM STDIN")
	if err != nil {
		b.t.Fatal(err)
	}
	for n := range rows {
		if _, err := in.Exec(row(n)); err != nil {
			b.t.Fatal(err)
		}
	}
	if _, err := in.Exec(); err != nil {
		b.t.Fatal(err)
	}
	tx.MustExec("DELETE FROM landing.postbacks WHERE dt = $1 AND hr = $2", p.Date, p.Hour)
	tx.MustExec("INSERT INTO landing.postbacks SELECT payload, $1::date, $2::smallint, 'plain', now() FROM stage", p.Date, p.Hour)
	if err := tx.Commit(); err != nil {
		b.t.Fatal(err)
	}
}

// BenchmarkLoadedDay looks at a day that is loaded already and holds its time against that of listing its keys; then the same
// with 400 days in the ledger.
func BenchmarkLoadedDay(t *testing.B) {
	b := newBench(t)
	const filesPerHour = 20
	for _, table := range []string{"postbacks", "forwards"} {
		for hour := range 24 {
			for n := range filesPerHour {
				b.file(loader.Partition{Table: table, Date: b.hour14.Date, Hour: hour}, strconv.Itoa(n), lines("a", 1))
			}
		}
	}
	b.loadDay()
	list := least(func() { b.listDay() })
	one := least(func() { b.loadDay() })
	b.fillLedger(400)
	many := least(func() { b.loadDay() })
	for t.Loop() {
		t.ReportMetric(list.Seconds()*1000, "list-ms")
		t.ReportMetric(one.Seconds()*1000, "day-ms")
		t.ReportMetric(one.Seconds()/list.Seconds(), "day/list")
		t.ReportMetric(many.Seconds()/one.Seconds(), "400-days/1-day")
	}
}

// loadDay is `backstop load --date` for all tables.
func (b *bench) loadDay() {
	b.t.Helper()
	first, last := b.hour14, b.hour14
	first.Hour, last.Hour = 0, 23
	r := hoursOf(first, last)
	r.Tables = loader.Tables()
	steps, err := b.loader.Plan(context.Background(), r)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.loader.Load(context.Background(), steps); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) listDay() {
	b.t.Helper()
	for _, table := range loader.Tables() {
		if _, err := b.archive.List(context.Background(), table+"/dt="+b.hour14.Date+"/"); err != nil {
			b.t.Fatal(err)
		}
	}
}

// fillLedger copies the day's entries to the days before it.
func (b *bench) fillLedger(days int) {
	b.t.Helper()
	b.exec(`INSERT INTO landing.loads SELECT load_id, table_name, DATEADD(day, -n, dt)::DATE, hr, manifest_digest, manifest_key, files, bytes, rows,
		rows_before, copy_query_id, status, loaded_at, errors FROM landing.loads CROSS JOIN (SELECT ROW_NUMBER() OVER (ORDER BY load_id) AS n
		FROM landing.loads CROSS JOIN (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS times) AS numbers WHERE n < %d`, days)
}

// BenchmarkPlan plans a day of 100,000 files.
func BenchmarkPlan(t *testing.B) {
	b := newBench(t)
	const files = 100_000
	for n := range files {
		b.raw(loader.Partition{Table: "postbacks", Date: b.hour14.Date, Hour: n % 24}, fmt.Sprintf("backstop-postbacks-1-%06d", n), []byte("x"))
	}
	first, last := b.hour14, b.hour14
	first.Hour, last.Hour = 0, 23
	for t.Loop() {
		heap := peakHeap()
		listing := timed(func() { b.listDay() })
		took := timed(func() {
			steps, err := b.loader.Plan(context.Background(), hoursOf(first, last))
			if err != nil || len(steps[0].Manifest.Objects) < files/24 {
				t.Fatalf("%d steps, err %v", len(steps), err)
			}
		})
		t.ReportMetric(heap(), "heap-MB")
		t.ReportMetric(took.Seconds()*1000, "plan-ms")
		t.ReportMetric(took.Seconds()/listing.Seconds(), "plan/list")
	}
}

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

// least is the shortest of some tries: what it costs when nothing else is in the way.
func least(do func()) time.Duration {
	best := timed(do)
	for range 9 {
		best = min(best, timed(do))
	}
	return best
}

// peakHeap begins to watch the heap; the answer ends that and gives the most that was taken meanwhile, in MB.
func peakHeap() func() float64 {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	runtime.GC()
	before := heap()
	peak := before
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				peak = max(peak, heap())
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-stopped
		return float64(max(peak, heap())-before) / (1 << 20)
	}
}
