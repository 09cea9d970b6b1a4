package redshift_test

import (
	"context"
	"strings"
	"testing"

	"backstop/loader"
)

// Each of these has a day of its own in one warehouse.
func TestLostConnections(t *testing.T) {
	shared := newBench(t)
	for name, test := range map[string]func(*bench){
		"a lost connection at any statement is mended":             lostAnywhere,
		"a load that dies before commit leaves the old partition":  diesBeforeCommit,
		"an unknown commit is said and found out by the next load": unknownCommit,
	} {
		t.Run(name, func(t *testing.T) { test(shared.nextDay(t)) })
	}
}

// statements are the beginnings of what a load sends, by its plan: a cut at each proves that the plan says what is done.
func (b *bench) statements() []string {
	b.t.Helper()
	m := loader.Manifest{Partition: b.hour14, Objects: []loader.Object{{Key: b.hour14.Prefix() + "a.gz"}}}
	script, err := b.warehouse.SQL(loader.Replacement{LoadID: "id", Manifest: m, ManifestURL: "s3://archive/m"})
	if err != nil {
		b.t.Fatal(err)
	}
	const head = 22 // tells them apart, and no literal stands in it
	for i, text := range script {
		script[i] = text[:min(head, len(text))]
	}
	return script
}

// Wherever the connection breaks, before the warehouse gets the statement or after it has carried it out, the load ends with the new
// partition in place once: what was lost before COMMIT is begun again, and a lost answer to COMMIT is settled by the ledger.
func lostAnywhere(b *bench) {
	b.onStandIn()
	b.file(b.hour14, "a", lines("a", 1))
	b.load()
	want := 1
	for _, after := range []bool{false, true} {
		for _, statement := range b.statements() {
			want++
			b.file(b.hour14, "a", lines("a", want))
			steps := b.plan()
			cuts := b.wire.made()
			b.wire.arm(statement, after)
			result, err := b.loader.Load(context.Background(), steps)
			if err != nil || result.Loaded != 1 || b.wire.made() != cuts+1 {
				b.t.Fatalf("%s, after %v: %d cuts, result %+v, err %v", statement, after, b.wire.made()-cuts, result, err)
			}
			if got := b.rows(b.hour14); got.count != want || got.loads != 1 || got.loadID != result.LoadIDs[0] {
				b.t.Fatalf("%s, after %v: rows %+v", statement, after, got)
			}
			if entries := b.count("SELECT COUNT(*) FROM landing.loads WHERE load_id = '" + result.LoadIDs[0] + "'"); entries != 1 {
				b.t.Fatalf("%s, after %v: %d ledger entries", statement, after, entries)
			}
		}
	}
}

// A loader that dies leaves the old partition whole, wherever it was: here it is interrupted, which rolls back.
func diesBeforeCommit(b *bench) {
	b.onStandIn()
	b.file(b.hour14, "a", lines("a", 3))
	b.load()
	before := b.rows(b.hour14)
	for _, statement := range b.statements()[:12] {
		b.file(b.hour14, "a", lines("b", 4))
		steps := b.plan()
		ctx, die := context.WithCancel(context.Background())
		b.wire.arm(statement, false)
		b.onWait = func() error { die(); return ctx.Err() } // the pause before the next try
		_, err := b.loader.Load(ctx, steps)
		die()
		b.onWait = nil
		if loader.ClassOf(err) != loader.Transient {
			b.t.Errorf("%s: class %s, err %v", statement, loader.ClassOf(err), err)
		}
		if after := b.rows(b.hour14); after != before {
			b.t.Fatalf("%s: before %+v, after %+v", statement, before, after)
		}
	}
	if result := b.load(); result.Loaded != 1 || b.rows(b.hour14).count != 4 {
		b.t.Errorf("result %+v", result)
	}
}

// COMMIT is sent and everything is out of reach afterwards: nobody can know, so the load says that, and the next one finds out.
func unknownCommit(b *bench) {
	b.onStandIn()
	b.file(b.hour14, "a", lines("a", 2))
	b.load()
	b.file(b.hour14, "a", lines("a", 3))
	steps := b.plan()
	b.wire.arm("COMMIT", true)
	b.onWait = func() error { return context.DeadlineExceeded }
	b.wire.closeAfterCut()
	_, err := b.loader.Load(context.Background(), steps)
	if loader.ClassOf(err) != loader.Transient || !strings.Contains(err.Error(), "unknown whether load") {
		b.t.Fatalf("class %s, err %v", loader.ClassOf(err), err)
	}
	if got := b.rows(b.hour14); got.count != 3 {
		b.t.Errorf("rows %+v", got)
	}
	b.wire.mend()
	if result := b.load(); result.Unchanged != 3 {
		b.t.Errorf("result %+v", result)
	}
}
