package redshift_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"backstop/loader"
	"backstop/loader/redshift"
	"backstop/loader/s3"
	"backstop/local/redshift/redshifttest"
	"backstop/sql"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// place is where a loader works: a warehouse and its archive.
type place struct {
	standIn *redshifttest.Redshift // nil on a real Redshift
	dsn     string
	bucket  string
	aws     aws.Config
	s3      *awss3.Client
	config  redshift.Config
}

// bench is a loader at its place: the stand-in, with a wire before it that can be cut and pauses that take a moment only, or with the
// tag live a real Redshift.
type bench struct {
	place
	t         testing.TB
	archive   *s3.Archive
	warehouse *redshift.Warehouse
	loader    *loader.Loader
	wire      *cutter  // nil on a real Redshift
	db        *sqlx.DB // past the wire
	onWait    func() error

	hour14, hour15, hour16 loader.Partition // the range of its loads
}

// newEmptyBench gives a warehouse without a schema.
func newEmptyBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, place: startPlace(t)}
	b.setDay("2026-11-19")
	archive, err := s3.Open("s3://"+b.bucket, b.aws)
	if err != nil {
		t.Fatal(err)
	}
	b.archive = archive
	b.db = sqlx.MustConnect("postgres", b.dsn)
	if b.standIn != nil {
		b.wire, b.dsn = newCutter(t, b.standIn.DSN)
	}
	t.Cleanup(func() { b.db.Close() })
	b.open(redshift.BeforeCommit)
	return b
}

// newBench gives a migrated warehouse.
func newBench(t testing.TB) *bench {
	t.Helper()
	b := newEmptyBench(t)
	if _, err := b.warehouse.Migrate(context.Background(), sql.Migrations); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) setDay(date string) {
	b.hour14 = loader.Partition{Table: "postbacks", Date: date, Hour: 14}
	b.hour15 = loader.Partition{Table: "postbacks", Date: date, Hour: 15}
	b.hour16 = loader.Partition{Table: "postbacks", Date: date, Hour: 16}
}

// nextDay gives a subtest the same warehouse, with the day after as its range.
func (b *bench) nextDay(t *testing.T) *bench {
	t.Helper()
	day, err := time.Parse(loader.DateLayout, b.hour14.Date)
	if err != nil {
		t.Fatal(err)
	}
	b.setDay(day.AddDate(0, 0, 1).Format(loader.DateLayout))
	own := *b
	own.t = t
	own.open(redshift.BeforeCommit)
	return &own
}

// onStandIn skips what a real Redshift cannot be asked for.
func (b *bench) onStandIn() {
	b.t.Helper()
	if b.standIn == nil {
		b.t.Skip("needs the stand-in: its faults, or a wire that can be cut")
	}
}

func (b *bench) wait(ctx context.Context, d time.Duration) error {
	if b.onWait != nil {
		return b.onWait()
	}
	if b.standIn != nil {
		d = time.Millisecond
	}
	time.Sleep(d)
	return ctx.Err()
}

func (b *bench) open(verify redshift.Verify) {
	b.t.Helper()
	config := b.config
	config.Verify, config.Wait = verify, b.wait
	warehouse, err := redshift.Open(b.dsn, config)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { warehouse.Close() })
	b.warehouse = warehouse
	b.loader = &loader.Loader{Archive: b.archive, Warehouse: warehouse, NewID: uuid.NewString}
}

func hoursOf(first, last loader.Partition) loader.Range {
	at := func(p loader.Partition) time.Time {
		day, err := time.Parse(loader.DateLayout, p.Date)
		if err != nil {
			panic(err)
		}
		return day.Add(time.Duration(p.Hour) * time.Hour)
	}
	return loader.Range{Tables: []string{first.Table}, From: at(first), To: at(last)}
}

func (b *bench) plan() []loader.Step {
	b.t.Helper()
	steps, err := b.loader.Plan(context.Background(), hoursOf(b.hour14, b.hour16))
	if err != nil {
		b.t.Fatal(err)
	}
	return steps
}

func (b *bench) tryLoad() (loader.Result, error) {
	b.t.Helper()
	return b.loader.Load(context.Background(), b.plan())
}

func (b *bench) load() loader.Result {
	b.t.Helper()
	result, err := b.tryLoad()
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

// contents is what a partition holds.
type contents struct {
	count, loads int
	loadID       string
}

func (b *bench) rows(p loader.Partition) contents {
	b.t.Helper()
	var got contents
	err := b.db.QueryRowx("SELECT COUNT(*), COUNT(DISTINCT load_id), COALESCE(MAX(load_id), '') FROM landing."+p.Table+
		fmt.Sprintf(" WHERE dt = '%s' AND hr = %d", p.Date, p.Hour)).Scan(&got.count, &got.loads, &got.loadID)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

func (b *bench) count(query string) int {
	b.t.Helper()
	var n int
	if err := b.db.Get(&n, query); err != nil {
		b.t.Fatal(err)
	}
	return n
}

// payloads are the documents of a partition.
func (b *bench) payloads(p loader.Partition) []string {
	b.t.Helper()
	var texts []string
	if err := b.db.Select(&texts, fmt.Sprintf("SELECT JSON_SERIALIZE(payload) FROM landing.%s WHERE dt = '%s' AND hr = %d", p.Table, p.Date, p.Hour)); err != nil {
		b.t.Fatal(err)
	}
	return texts
}

// contains tells whether one of the texts is the same JSON document as the line.
func contains(texts []string, line string) bool {
	decode := func(text string) (document any) {
		if json.Unmarshal([]byte(text), &document) != nil {
			return nil
		}
		return document
	}
	want := decode(line)
	for _, text := range texts {
		if want != nil && reflect.DeepEqual(decode(text), want) {
			return true
		}
	}
	return false
}

func goldenLines(t testing.TB, table string) []string {
	t.Helper()
	text, err := os.ReadFile("../../records/" + table + ".ndjson")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// lines are n small documents.
func lines(name string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`{"v":1,"name":"%s","number":%d}`, name, i)
	}
	return all
}

func packed(lines []string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for _, line := range lines {
		if _, err := w.Write([]byte(line + "\n")); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func cut(body []byte) []byte { return body[:len(body)/2] }

func (b *bench) file(p loader.Partition, name string, lines []string) { b.raw(p, name, packed(lines)) }

// raw puts a file of the archive, also in place of another.
func (b *bench) raw(p loader.Partition, name string, body []byte) {
	b.t.Helper()
	b.put(p.Prefix()+name+".gz", body)
}

func (b *bench) put(key string, body []byte) {
	b.t.Helper()
	if _, err := b.s3.PutObject(context.Background(), &awss3.PutObjectInput{Bucket: &b.bucket, Key: &key, Body: bytes.NewReader(body)}); err != nil {
		b.t.Fatal(err)
	}
}

// putManifest puts a manifest that demands the files.
func (b *bench) putManifest(key string, files ...string) {
	b.t.Helper()
	var entries []string
	for _, file := range files {
		entries = append(entries, fmt.Sprintf(`{"url":"s3://%s/%s.gz","mandatory":true}`, b.bucket, file))
	}
	b.put(key, []byte(`{"entries":[`+strings.Join(entries, ",")+`]}`))
}

func (b *bench) remove(p loader.Partition, name string) {
	b.t.Helper()
	key := p.Prefix() + name + ".gz"
	if _, err := b.s3.DeleteObject(context.Background(), &awss3.DeleteObjectInput{Bucket: &b.bucket, Key: &key}); err != nil {
		b.t.Fatal(err)
	}
}

// loadHour loads hour 14 of a table.
func (b *bench) loadHour(table string) {
	b.t.Helper()
	p := b.hour14
	p.Table = table
	steps, err := b.loader.Plan(context.Background(), hoursOf(p, p))
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.loader.Load(context.Background(), steps); err != nil {
		b.t.Fatal(err)
	}
}
