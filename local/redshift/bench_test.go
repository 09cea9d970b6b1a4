package redshift_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"backstop/local/redshift"
	"backstop/local/redshift/load"
	"backstop/local/redshift/redshifttest"
)

// BenchmarkCopy loads documents of 560 bytes in eight files, by COPY through the stand-in and by COPY FROM STDIN straight into PostgreSQL. It
// reports rows/s, and the largest heap that was seen while the rows were read: it does not grow with their number.
//
//	go test ./local/redshift -run '^$' -bench Copy -benchtime 1x
func BenchmarkCopy(b *testing.B) {
	for _, rows := range []int{400_000, 4_000_000} {
		b.Run(fmt.Sprintf("stand-in/rows=%d", rows), func(b *testing.B) {
			files := &generated{rowsPerFile: rows / len(fileNames())}
			r := redshifttest.Start(b, func(o *redshift.Options) { o.Files = files })
			db := openURL(b, r.DSN)
			exec(b, db, "create table stage (payload super)")
			for b.Loop() {
				exec(b, db, "truncate stage", copySQL("s3://any/file", ""))
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(files.largest)/(1<<20), "heap-MiB")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("postgresql/rows=400000", func(b *testing.B) {
		const rows = 400_000
		r := redshifttest.Start(b)
		db := openURL(b, r.PostgresDSN)
		exec(b, db, "create table stage (payload jsonb)")
		document := generatedDocument()
		for b.Loop() {
			exec(b, db, "truncate stage")
			tx, err := db.Begin()
			if err != nil {
				b.Fatal(err)
			}
			copyIn, err := tx.Prepare("copy stage (payload) from stdin")
			if err != nil {
				b.Fatal(err)
			}
			for range rows {
				if _, err := copyIn.Exec(document); err != nil {
					b.Fatal(err)
				}
			}
			if err := copyIn.Close(); err != nil {
				b.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		b.ReportMetric(0, "ns/op")
	})
}

// generatedDocument is like a postback of 560 bytes.
func generatedDocument() string {
	document := `{"postback_id":"00000000-0000-4000-8000-000000000000","params":{"clickid":"0123456789abcdef","event":"install","idfa":""},"raw_query":"%s"}`
	return fmt.Sprintf(document, strings.Repeat("a=b&", (560-len(document))/4))
}

// generated is a bucket whose files are made while they are read.
type generated struct {
	rowsPerFile int
	largest     uint64 // heap in use
}

func fileNames() []string { return []string{"a", "b", "c", "d", "e", "f", "g", "h"} }

func (g *generated) List(context.Context, string, string) ([]string, error) { return fileNames(), nil }

func (g *generated) Open(context.Context, string, string) (*load.Object, error) {
	const together = 100
	chunk := []byte(strings.Repeat(generatedDocument()+"\n", together))
	return &load.Object{ReadCloser: io.NopCloser(&chunks{bucket: g, chunk: chunk, left: g.rowsPerFile / together})}, nil
}

type chunks struct {
	bucket *generated
	chunk  []byte
	rest   bytes.Reader
	left   int
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.rest.Len() == 0 {
		if c.left == 0 {
			return 0, io.EOF
		}
		if c.left--; c.left%50 == 0 {
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			c.bucket.largest = max(c.bucket.largest, memory.HeapInuse)
		}
		c.rest.Reset(c.chunk)
	}
	return c.rest.Read(p)
}
