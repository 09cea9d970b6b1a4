package redshift_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"backstop/loader"
	"backstop/loader/redshift"
)

// Each of these has a day of its own in one warehouse.
func TestBadLines(t *testing.T) {
	shared := newBench(t)
	for name, test := range map[string]func(*bench){
		"what is left out is recorded with the load":            recordedWithTheLoad,
		"one bad line more than is allowed leaves all as it is": oneTooMany,
		"as many and fewer bad lines than are allowed":          withinTheAllowance,
		"a mended file takes the bad lines' place":              mendedFile,
		"an unreadable file is no bad line":                     unreadableFile,
		"what is neither row nor bad line is refused":           unaccountedLines,
		"recorded after COMMIT where a warehouse shows late":    recordedAfterCommit,
		"not confirmed after COMMIT stays suspect":              staysSuspect,
	} {
		t.Run(name, func(t *testing.T) { test(shared.nextDay(t)) })
	}
}

// withBad are good lines with bad ones among them.
func withBad(good, bad int) []string {
	all := lines("good", good)
	for i := range bad {
		all = append(all, fmt.Sprintf(`{"idfa":"6D92078A-%d"`, i), `{"v":1,"after":"it"}`)
	}
	return all
}

func (b *bench) recorded(p loader.Partition) int {
	b.t.Helper()
	return b.count(fmt.Sprintf("SELECT COUNT(*) FROM landing.load_errors WHERE table_name = '%s' AND dt = '%s' AND hr = %d", p.Table, p.Date, p.Hour))
}

// accounted tells that every line of the partition's newest load is a row or a recorded bad line.
func (b *bench) accounted(rows, errors int) {
	b.t.Helper()
	entry := b.plan()[0].Previous
	recorded := b.count("SELECT COUNT(*) FROM landing.load_errors WHERE load_id = '" + entry.LoadID + "'")
	if got := b.rows(b.hour14).count; got != rows || entry.Rows != int64(rows) || entry.Errors != int64(errors) || recorded != errors || entry.Status != loader.Loaded {
		b.t.Errorf("%d rows, %d recorded, entry %+v; want %d and %d", got, recorded, entry, rows, errors)
	}
}

func recordedWithTheLoad(b *bench) {
	b.file(b.hour14, "a", withBad(2, 2))
	b.file(b.hour14, "b", withBad(1, 1))
	b.loader.MaxErrors = 3
	result := b.load()
	if result.Rows != 6 || result.Errors != 3 || len(result.BadLines) != 3 {
		b.t.Errorf("result %+v", result)
	}
	b.accounted(6, 3)
	first := result.BadLines[0]
	if !strings.HasSuffix(first.File, b.hour14.Prefix()+"a.gz") || first.Line != 3 || first.Reason == "" || !strings.Contains(first.CutOut, `{"xxxx":"9x99999x-9"`) {
		b.t.Errorf("the first bad line is %+v", first)
	}
	b.same("SELECT COUNT(*) FROM landing.load_errors WHERE load_id = '%s' AND line_number IN (2, 3, 5) AND error_code > 0 AND reason <> '' AND cut_out NOT LIKE '%%6D92078A%%'", result.LoadIDs[0], 3)
	if again := b.load(); again.Unchanged != 3 || b.recorded(b.hour14) != 3 {
		b.t.Errorf("again: %+v, %d recorded", again, b.recorded(b.hour14))
	}
}

func (b *bench) same(query, arg string, want int) {
	b.t.Helper()
	if got := b.count(fmt.Sprintf(query, arg)); got != want {
		b.t.Errorf("%s with %s: %d, want %d", query, arg, got, want)
	}
}

func oneTooMany(b *bench) {
	b.file(b.hour14, "a", lines("a", 3))
	b.load()
	before := b.rows(b.hour14)
	b.file(b.hour14, "b", withBad(9, 3))
	b.loader.MaxErrors = 2
	_, err := b.tryLoad()
	if loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), "b.gz line 10") {
		b.t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
	if b.rows(b.hour14) != before || b.recorded(b.hour14) != 0 {
		b.t.Errorf("before %+v, after %+v, %d recorded", before, b.rows(b.hour14), b.recorded(b.hour14))
	}
}

func withinTheAllowance(b *bench) {
	b.file(b.hour14, "a", withBad(4, 3))
	for _, allowed := range []int{3, 4} {
		b.loader.MaxErrors, b.loader.Force = allowed, true
		if result := b.load(); result.Errors != 3 || result.Rows != 7 {
			b.t.Errorf("%d allowed: %+v", allowed, result)
		}
		b.accounted(7, 3)
	}
}

func mendedFile(b *bench) {
	b.file(b.hour14, "a", withBad(2, 1))
	b.loader.MaxErrors = 5
	b.load()
	b.file(b.hour14, "a", lines("a", 4))
	b.load()
	b.accounted(4, 0)
	if b.recorded(b.hour14) != 1 {
		b.t.Errorf("%d recorded: what was left out once is part of the history", b.recorded(b.hour14))
	}
}

func unreadableFile(b *bench) {
	b.file(b.hour14, "a", lines("a", 3))
	b.raw(b.hour14, "cut", cut(packed(lines("b", 500))))
	b.loader.MaxErrors = 1000
	_, err := b.tryLoad()
	if loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), "cut.gz") || b.rows(b.hour14).count != 0 {
		b.t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
}

func unaccountedLines(b *bench) {
	for _, text := range []string{"{\"a\":1}\n\n{\"a\":2}\n", "{\"a\":1}{\"a\":2}\n", "{\"a\":\n1}\n"} {
		b.file(b.hour14, "a", []string{strings.TrimSuffix(text, "\n")})
		for _, tolerated := range []int{0, 10} {
			b.loader.MaxErrors = tolerated
			_, err := b.tryLoad()
			if loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), "COPY read") || b.rows(b.hour14).count != 0 {
				b.t.Errorf("%q, %d tolerated: class %s, err %v", text, tolerated, loader.ClassOf(err), err)
			}
		}
	}
}

func recordedAfterCommit(b *bench) {
	b.open(redshift.AfterCommit)
	b.file(b.hour14, "a", withBad(3, 2))
	b.loader.MaxErrors = 2
	result := b.load()
	if result.Errors != 2 || result.Rows != 5 {
		b.t.Errorf("result %+v", result)
	}
	b.accounted(5, 2)
}

// A loader that dies between COMMIT and the confirmation leaves a partition that says so.
func staysSuspect(b *bench) {
	b.onStandIn()
	b.open(redshift.AfterCommit)
	b.file(b.hour14, "a", withBad(3, 2))
	b.loader.MaxErrors = 2
	steps := b.plan()
	ctx, die := context.WithCancel(context.Background())
	defer die()
	b.wire.arm("sys_load_detail", false)
	b.onWait = func() error { die(); return ctx.Err() }
	result, err := b.loader.Load(ctx, steps)
	if err == nil || result.Loaded != 0 {
		b.t.Fatalf("result %+v, err %v", result, err)
	}
	b.onWait = nil
	if step := b.plan()[0]; step.Reason != loader.Doubtful {
		b.t.Fatalf("the plan says %s", step.Reason)
	}
	b.load()
	b.accounted(5, 2)
}
