package redshift_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"backstop/loader"
	"backstop/loader/redshift"

	"github.com/google/uuid"
)

// The text that people read before they let it run.
func TestTheTextOfALoad(t *testing.T) {
	golden, err := os.ReadFile("testdata/load.sql")
	if err != nil {
		t.Fatal(err)
	}
	w, err := redshift.Open("postgres://127.0.0.1:1/db?sslmode=disable", redshift.Config{CopyRole: "arn:aws:iam::000000000000:role/copy", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	p := loader.Partition{Table: "postbacks", Date: "2026-11-19", Hour: 4}
	files := loader.Manifest{Partition: p, Objects: []loader.Object{{Key: p.Prefix() + "it's.gz", ETag: "e", Size: 7}}}
	var text strings.Builder
	for _, m := range []loader.Manifest{files, {Partition: p}} {
		script, err := w.SQL(loader.Replacement{LoadID: "<load_id>", Manifest: m, ManifestURL: "s3://archive/" + m.Key("<load_id>")})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "-- %d files\n%s;\n", len(m.Objects), strings.Join(script, ";\n"))
	}
	if text.String() != string(golden) {
		t.Errorf("got\n%s\nwant\n%s", text.String(), golden)
	}
}

// A plan's SQL is what a load does: carried out by hand, it loads the partition, and the loader finds nothing left to do.
func planByHand(b *bench) {
	b.file(b.hour14, "a", lines("a", 3))
	b.load()
	b.file(b.hour14, "b", lines("b", 2))
	step := b.plan()[0]
	loadID := uuid.NewString()
	url, err := b.archive.WriteManifest(context.Background(), loadID, step.Manifest)
	if err != nil {
		b.t.Fatal(err)
	}
	script, err := b.warehouse.SQL(loader.Replacement{LoadID: loadID, Manifest: step.Manifest, ManifestURL: url})
	if err != nil {
		b.t.Fatal(err)
	}
	b.byHand(script)
	if got := b.rows(b.hour14); got.count != 5 || got.loads != 1 || got.loadID != loadID {
		b.t.Errorf("rows %+v", got)
	}
	if next := b.plan()[0]; next.Reason != loader.Unchanged || next.Previous.Rows != 5 || next.Previous.RowsBefore != 3 {
		b.t.Errorf("the plan says %s, %+v", next.Reason, next.Previous)
	}
}

// byHand carries a script out in one session and fills in what its own queries answer.
func (b *bench) byHand(script []string) {
	b.t.Helper()
	ctx := context.Background()
	session, err := b.db.Connx(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	defer session.Close()
	known := []string{}
	for _, text := range script {
		text = strings.NewReplacer(known...).Replace(text)
		var first, second string
		switch {
		case strings.Contains(text, "COUNT(*)"):
			err = session.GetContext(ctx, &first, text)
			known = append(known, "<rows_before>", first)
		case strings.Contains(text, "GETDATE()"):
			_, err = session.ExecContext(ctx, text)
			known = append(known, "<loaded_at>", "2099-01-01 00:00:00") // later than every load before
		case strings.Contains(text, "pg_last_copy"):
			err = session.QueryRowxContext(ctx, text).Scan(&first, &second)
			known = append(known, "<rows>", first, "<copy_query_id>", second)
		default:
			_, err = session.ExecContext(ctx, text)
		}
		if err != nil {
			b.t.Fatalf("%s: %v", text, err)
		}
	}
}
