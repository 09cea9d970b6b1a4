package redshift_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"backstop/loader"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"
)

// The measures of the loader, each a ratio of two costs in one run, so that the machine's speed falls out. `make bench` runs them and
// writes docs/benchmarks.md.

const (
	rowsOfDay  = 400_000
	rowBytes   = 560
	filesOfDay = 8
)

// row is a document of rowBytes with its newline; no character of it has a meaning in PostgreSQL's text format.
func row(n int) string {
	head := fmt.Sprintf(`{"v":1,"postback_id":"%012d","source":"appsflyer","params":{"clickid":"%032x","pad":"`, n, n*2654435761)
	const tail = "\"}}\n"
	return head + strings.Repeat("p", rowBytes-len(head)-len(tail)) + tail
}

// putDay writes the rows to the archive, in filesOfDay files of the hour, and once more as they are to a file of the test.
func (b *bench) putDay(p loader.Partition) (plain string) {
	b.t.Helper()
	var all bytes.Buffer
	for file := range filesOfDay {
		var body bytes.Buffer
		w := gzip.NewWriter(&body)
		for n := file; n < rowsOfDay; n += filesOfDay {
			if _, err := io.WriteString(io.MultiWriter(w, &all), row(n)); err != nil {
				b.t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.t.Fatal(err)
		}
		b.raw(p, strconv.Itoa(file), body.Bytes())
	}
	plain = filepath.Join(b.t.TempDir(), "rows")
	if err := os.WriteFile(plain, all.Bytes(), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return plain
}

// BenchmarkDay loads one day's rows and holds its time against the same transaction with COPY FROM STDIN of the same bytes, straight on
// the PostgreSQL behind the stand-in.
func BenchmarkDay(t *testing.B) {
	b := newBench(t)
	b.onStandIn()
	rows := b.putDay(b.hour14)
	b.loader.Force = true
	for t.Loop() {
		took := swift(5, b.settle, func() { b.plain(b.hour15, rows) }, func() {
			if result := b.load(); result.Rows != rowsOfDay {
				t.Fatalf("%d rows of %d", result.Rows, rowsOfDay)
			}
		})
		plain, ours := took[0].Seconds(), took[1].Seconds()
		t.ReportMetric(rowsOfDay/ours, "rows/s")
		t.ReportMetric(rowsOfDay/plain, "plain-rows/s")
		t.ReportMetric(plain/ours, "of-plain")
	}
	t.ReportMetric(0, "ns/op")
}

// settle empties the table and lets PostgreSQL write down what came before, so that it does not fall on what is measured next.
func (b *bench) settle() {
	b.t.Helper()
	db := sqlx.MustConnect("postgres", b.standIn.PostgresDSN)
	defer db.Close()
	db.MustExec("TRUNCATE landing.postbacks")
	db.MustExec("CHECKPOINT")
}

// plain does what a load does to the tables, without archive, stand-in, checks and ledger.
func (b *bench) plain(p loader.Partition, file string) {
	b.t.Helper()
	ctx := context.Background()
	conn, err := pgconn.Connect(ctx, b.standIn.PostgresDSN)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close(ctx)
	in, err := os.Open(file)
	if err != nil {
		b.t.Fatal(err)
	}
	defer in.Close()
	where := fmt.Sprintf("'%s', %d", p.Date, p.Hour)
	run := func(statement string) {
		if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
			b.t.Fatal(err)
		}
	}
	run("BEGIN; CREATE TEMP TABLE stage (payload SUPER) ON COMMIT DROP")
	if _, err := conn.CopyFrom(ctx, in, "COPY stage (payload) FROM STDIN"); err != nil {
		b.t.Fatal(err)
	}
	run("DELETE FROM landing.postbacks WHERE (dt, hr) = (" + where + ")")
	run("INSERT INTO landing.postbacks SELECT payload, " + where + ", '00000000-0000-0000-0000-000000000000', now() FROM stage")
	run("COMMIT")
}

// BenchmarkLoadedDay looks at a day that is loaded already and holds its time against that of listing its keys, and against the same
// with 400 days in the ledger.
func BenchmarkLoadedDay(t *testing.B) {
	one, many := newLoadedDay(t), newLoadedDay(t)
	many.fillLedger(400)
	for t.Loop() {
		took := swift(200, func() {}, one.listDay, one.loadDay, many.loadDay)
		list, day, of400 := took[0].Seconds(), took[1].Seconds(), took[2].Seconds()
		t.ReportMetric(1000*list, "list-ms")
		t.ReportMetric(1000*day, "day-ms")
		t.ReportMetric(day/list, "day/list")
		t.ReportMetric(of400/day, "400-days/1-day")
	}
	t.ReportMetric(0, "ns/op")
}

// newLoadedDay gives a warehouse with a loaded day of 960 files.
func newLoadedDay(t *testing.B) *bench {
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
	return b
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

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

// swift is how long each takes when little else is in the way: a tenth of the rounds are faster. They take turns, in another order each time,
// so that what else the machine does, and the collector of garbage, falls on all of them.
func swift(rounds int, before func(), do ...func()) []time.Duration {
	took := make([][]time.Duration, len(do))
	for range rounds {
		for _, i := range rand.Perm(len(do)) {
			before()
			took[i] = append(took[i], timed(do[i]))
		}
	}
	typical := make([]time.Duration, len(do))
	for i := range took {
		slices.Sort(took[i])
		typical[i] = took[i][rounds/10]
	}
	return typical
}
