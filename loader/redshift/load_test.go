package redshift_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"backstop/loader"
	"backstop/loader/s3"
)

// Each of these has a day of its own in one warehouse.
func TestLoad(t *testing.T) {
	shared := newBench(t)
	for name, test := range map[string]func(*bench){
		"the same files twice change nothing":                                    sameFilesTwice,
		"force loads the same files again in place of themselves":                forced,
		"a late file is found":                                                   lateFile,
		"records come back as they were":                                         goldenRecords,
		"a file that vanishes during the load is not missed silently":            fileVanishes,
		"a file that changes during the load is not mistaken for the listed one": fileChanges,
		"a plan's SQL carried out by hand loads the same":                        planByHand,
		"a manifest that somebody else overwrites loads nothing":                 overwrittenManifest,
		"a manifest of five thousand files":                                      fiveThousandFiles,
	} {
		t.Run(name, func(t *testing.T) { test(shared.nextDay(t)) })
	}
}

func sameFilesTwice(b *bench) {
	b.file(b.hour14, "a", lines("a", 3))
	b.file(b.hour14, "b", lines("b", 2))
	first := b.load()
	if first.Loaded != 1 || first.Rows != 5 || first.Files != 2 || first.Empty != 2 {
		b.t.Errorf("first: %+v", first)
	}
	before := b.rows(b.hour14)
	if again := b.load(); again.Unchanged != 3 || again.Loaded != 0 {
		b.t.Errorf("again: %+v", again)
	}
	if after := b.rows(b.hour14); after != before || after.count != 5 || after.loads != 1 {
		b.t.Errorf("before %+v, after %+v", before, after)
	}
	if entries := b.count("SELECT COUNT(*) FROM landing.loads WHERE dt = '" + b.hour14.Date + "'"); entries != 3 {
		b.t.Errorf("%d ledger entries", entries)
	}
}

func forced(b *bench) {
	b.file(b.hour14, "a", lines("a", 3))
	b.load()
	before := b.rows(b.hour14)
	b.loader.Force = true
	if again := b.load(); again.Loaded != 1 || again.Unchanged != 2 {
		b.t.Errorf("again: %+v", again)
	}
	if after := b.rows(b.hour14); after.count != 3 || after.loadID == before.loadID {
		b.t.Errorf("before %+v, after %+v", before, after)
	}
}

func lateFile(b *bench) {
	b.file(b.hour14, "a", lines("a", 3))
	b.load()
	b.file(b.hour14, "b", lines("b", 2))
	b.file(b.hour15, "c", lines("c", 1)) // entered as empty before
	if late := b.load(); late.Loaded != 2 || late.Rows != 6 {
		b.t.Errorf("late: %+v", late)
	}
	if got := b.rows(b.hour14); got.count != 5 || got.loads != 1 {
		b.t.Errorf("rows %+v", got)
	}
	if got := b.rows(b.hour15); got.count != 1 {
		b.t.Errorf("rows %+v", got)
	}
}

func goldenRecords(b *bench) {
	for _, table := range loader.Tables() {
		golden := goldenLines(b.t, table)
		p := loader.Partition{Table: table, Date: b.hour14.Date, Hour: b.hour14.Hour}
		b.file(p, "golden", golden)
		b.loadHour(table)
		got := b.payloads(p)
		if len(got) != len(golden) {
			b.t.Fatalf("%s: %d rows of %d lines", table, len(got), len(golden))
		}
		for _, line := range golden {
			if !contains(got, line) {
				b.t.Errorf("%s: not in the table: %s\ntable: %s", table, line, strings.Join(got, "\n"))
			}
		}
	}
}

func TestAPartitionDoesNotShrinkUnlessForced(t *testing.T) {
	shared := newBench(t)
	for name, change := range map[string]func(b *bench){
		"a file is written again with fewer rows": func(b *bench) { b.file(b.hour14, "a", lines("a", 1)) },
		"all files vanish":                        func(b *bench) { b.remove(b.hour14, "a") },
	} {
		t.Run(name, func(t *testing.T) {
			b := shared.nextDay(t)
			b.file(b.hour14, "a", lines("a", 3))
			b.load()
			change(b)
			_, err := b.tryLoad()
			if loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), "--force") || !strings.Contains(err.Error(), b.hour14.String()) {
				t.Fatalf("err %v", err)
			}
			if got := b.rows(b.hour14); got.count != 3 {
				t.Errorf("rows %+v", got)
			}
			b.loader.Force = true
			if result := b.load(); result.Loaded != 1 {
				t.Errorf("forced: %+v", result)
			}
			if got := b.rows(b.hour14); got.count > 1 {
				t.Errorf("forced, rows %+v", got)
			}
		})
	}
}

func TestOneBadFileHoldsUpItsPartitionAndIsNamed(t *testing.T) {
	shared := newBench(t)
	for name, c := range map[string]struct {
		body  []byte
		words string
	}{
		"not gzip":        {[]byte("{\"a\":1}\n"), "bad.gz"},
		"a cut gzip":      {cut(packed(lines("a", 50))), "bad.gz"},
		"a bad JSON line": {packed([]string{`{"a":1}`, `{"a":`, `{"a":3}`}), "bad.gz line 2"},
		"a text line":     {packed([]string{`{"a":1}`, `{"a":2}`, `203.0.113.9 is no JSON`}), "bad.gz line 3"},
	} {
		t.Run(name, func(t *testing.T) {
			b := shared.nextDay(t)
			b.file(b.hour14, "good", lines("a", 2))
			b.file(b.hour15, "good", lines("a", 4))
			b.raw(b.hour14, "bad", c.body)
			result, err := b.tryLoad()
			if loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), c.words) {
				t.Errorf("class %s, err %v", loader.ClassOf(err), err)
			}
			if strings.Contains(err.Error(), "203.0.113.9") {
				t.Errorf("the error shows what was in the line: %v", err)
			}
			if result.Failed != 1 || result.Loaded != 1 || b.rows(b.hour14).count != 0 || b.rows(b.hour15).count != 4 {
				t.Errorf("result %+v", result)
			}
			b.remove(b.hour14, "bad")
			if mended := b.load(); mended.Loaded != 1 || b.rows(b.hour14).count != 2 {
				t.Errorf("mended: %+v", mended)
			}
		})
	}
}

// A file goes between the listing and COPY: the manifest's mandatory makes that an error, and the next load sees what is there.
func fileVanishes(b *bench) {
	b.file(b.hour14, "a", lines("a", 2))
	b.file(b.hour14, "b", lines("b", 2))
	steps := b.plan()
	b.remove(b.hour14, "b")
	_, err := b.loader.Load(context.Background(), steps)
	if loader.ClassOf(err) != loader.Transient || b.rows(b.hour14).count != 0 {
		b.t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
	if result := b.load(); result.Loaded != 1 || b.rows(b.hour14).count != 2 {
		b.t.Errorf("result %+v", result)
	}
}

// A file is written again between the listing and COPY: the ETag tells.
func fileChanges(b *bench) {
	b.file(b.hour14, "a", lines("a", 2))
	steps := b.plan()
	b.file(b.hour14, "a", lines("z", 2))
	_, err := b.loader.Load(context.Background(), steps)
	if loader.ClassOf(err) != loader.Transient || !strings.Contains(err.Error(), "changed between the listing and COPY") || b.rows(b.hour14).count != 0 {
		b.t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
}

// meddler is an archive in which somebody else writes over each manifest before COPY reads it.
type meddler struct {
	*s3.Archive
	meddle func(key string)
}

func (m meddler) WriteManifest(ctx context.Context, loadID string, of loader.Manifest) (string, error) {
	url, err := m.Archive.WriteManifest(ctx, loadID, of)
	m.meddle(of.Key(loadID))
	return url, err
}

func overwrittenManifest(b *bench) {
	b.file(b.hour14, "a", lines("a", 2))
	b.file(b.hour14, "b", lines("b", 2))
	b.file(b.hour15, "c", lines("c", 2))
	at := func(p loader.Partition, name string) string { return p.Prefix() + name }
	for name, c := range map[string]struct {
		meddle func(key string)
		class  loader.Class
		words  string
	}{
		"a file less": {func(key string) { b.putManifest(key, at(b.hour14, "a")) }, loader.Transient, "shows 1 of 2 files"},
		"a file more": {func(key string) {
			b.putManifest(key, at(b.hour14, "a"), at(b.hour14, "b"), at(b.hour15, "c"))
		}, loader.Data, "does not name"},
		"no JSON":        {func(key string) { b.put(key, []byte("entries")) }, loader.Transient, "somebody changed this load's manifest"},
		"a missing file": {func(key string) { b.putManifest(key, at(b.hour14, "z")) }, loader.Transient, "gone from the archive"},
	} {
		b.loader.Archive = meddler{b.archive, c.meddle}
		_, err := b.loader.Load(context.Background(), b.plan()[:1])
		if loader.ClassOf(err) != c.class || !strings.Contains(err.Error(), c.words) || b.rows(b.hour14).count != 0 {
			b.t.Errorf("%s: class %s, err %v", name, loader.ClassOf(err), err)
		}
	}
	b.loader.Archive = b.archive
	if result := b.load(); result.Loaded != 2 || result.Rows != 6 {
		b.t.Errorf("result %+v", result)
	}
}

func fiveThousandFiles(b *bench) {
	const files = 5000
	for i := range files {
		b.file(b.hour14, fmt.Sprintf("%04d", i), lines("a", 1))
	}
	if result := b.load(); result.Files != files || b.rows(b.hour14).count != files {
		b.t.Errorf("result %+v", result)
	}
}
