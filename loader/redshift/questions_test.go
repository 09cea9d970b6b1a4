package redshift_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// What Redshift's documentation leaves open and the stand-in had to decide. On a real cluster (see live_test.go) a failure here is an
// answer: the stand-in then has to learn it, and the comment says what hangs on it.
func TestOpenQuestions(t *testing.T) {
	const refusedLine = "refused with SQLSTATE XX000: Load into table"
	shared := newBench(t)
	for question, c := range map[string]struct {
		ask    func(*bench) string
		chosen string // the beginning of the answer
	}{
		// If it does, rows could be stamped without a stage.
		"does noshred take a column list of a table with more columns?": {noshredColumnList, "rows: 2"},
		// If not, loads need --verify after_commit.
		"does sys_load_detail show a COPY before COMMIT?": {visibleBeforeCommit, "at once, its own session sees 1 files of 1, another 1"},
		// If not, a blank line would do no harm; now it is refused.
		"do blank lines count in lines_scanned?": {blankLinesScanned, "2 documents and 1 blank line are 3 lines"},
		// If not, --max-errors has to send another number.
		"does MAXERROR 3 tolerate two errors?": {func(b *bench) string { return b.twoErrors("MAXERROR 3") }, "rows: 3"},
		"does MAXERROR 2 fail at two errors?":  {func(b *bench) string { return b.twoErrors("MAXERROR 2") }, refusedLine},
		// If it sees one, LOCK need not come before the stage.
		"is the snapshot of a transaction older than its COPY into a temporary table?": {snapshotOfTheStage, "it sees 0 rows of a later commit"},
		// If lib/pq's wish at startup is refused, nothing here connects at all.
		"which datestyle has a session of lib/pq?": {dateStyle, "ISO"},
		// Among them is the one that lets strings in SUPER be longer than 65,535 bytes.
		"which parameters speak of SUPER?": {parametersOfSuper, "refused with SQLSTATE 0A000: the stand-in does not imitate SHOW ALL"},
		// What is taken here would reach the landing tables.
		"what becomes of NUL in a document?":        {func(b *bench) string { return b.verdict(`{"a":"\u0000"}`) }, refusedLine},
		"what becomes of duplicate keys?":           {func(b *bench) string { return b.verdict(`{"a":1,"a":2}`) }, refusedLine},
		"what becomes of a string of 70,000 bytes?": {func(b *bench) string { return b.verdict(`{"a":"` + strings.Repeat("x", 70_000) + `"}`) }, refusedLine},
		"what becomes of an array at the top?":      {func(b *bench) string { return b.verdict(`[1,2]`) }, "rows: 1"},
		// If it is none that conflict() knows, loads end instead of being tried again.
		"what does the second of two deletions of the same rows get?": {conflictOfTwo, "refused with SQLSTATE XX000: 1023"},
	} {
		t.Run(question, func(t *testing.T) {
			if answer := c.ask(shared.nextDay(t)); !strings.HasPrefix(answer, c.chosen) {
				t.Errorf("%s\nthe stand-in says: %s", answer, c.chosen)
			}
		})
	}
}

// copyOf is a COPY of one file, without a manifest.
func (b *bench) copyOf(into string, lines []string, options string) string {
	b.t.Helper()
	b.file(b.hour14, "question", lines)
	return fmt.Sprintf("COPY %s FROM 's3://%s/%s' IAM_ROLE '%s' FORMAT JSON 'noshred' GZIP REGION '%s' COMPUPDATE OFF STATUPDATE OFF %s",
		into, b.bucket, b.hour14.Prefix()+"question.gz", b.config.CopyRole, b.config.Region, options)
}

// inSession runs statements in one transaction, which is rolled back, and gives the first error in words.
func (b *bench) inSession(then func(*sqlx.Tx) string, statements ...string) string {
	b.t.Helper()
	tx := b.db.MustBegin()
	defer tx.Rollback()
	for _, statement := range statements {
		if _, err := tx.Exec(statement); err != nil {
			return inWords(err)
		}
	}
	return then(tx)
}

func inWords(err error) string {
	if refused := pq.As(err); refused != nil {
		return fmt.Sprintf("refused with SQLSTATE %s: %s %s", refused.Code, refused.Message, refused.Detail)
	}
	return err.Error()
}

func lastCopyCount(tx *sqlx.Tx) string {
	var rows int
	if err := tx.Get(&rows, "SELECT pg_last_copy_count()"); err != nil {
		return inWords(err)
	}
	return fmt.Sprint("rows: ", rows)
}

func noshredColumnList(b *bench) string {
	return b.inSession(lastCopyCount, "CREATE TEMP TABLE two (payload SUPER, n INT DEFAULT 7)", b.copyOf("two (payload)", lines("a", 2), ""))
}

func (b *bench) verdict(line string) string {
	return b.inSession(lastCopyCount, "CREATE TEMP TABLE one (payload SUPER)", b.copyOf("one", []string{line}, ""))
}

func (b *bench) twoErrors(options string) string {
	return b.inSession(lastCopyCount, "CREATE TEMP TABLE one (payload SUPER)", b.copyOf("one", withBad(1, 2), options))
}

func snapshotOfTheStage(b *bench) string {
	day := "'" + b.hour14.Date + "'"
	return b.inSession(func(tx *sqlx.Tx) string {
		if _, err := b.db.Exec("INSERT INTO landing.postbacks SELECT JSON_PARSE('{}'), " + day + ", 14, 'another', GETDATE()"); err != nil {
			return inWords(err)
		}
		var seen int
		if err := tx.Get(&seen, "SELECT COUNT(*) FROM landing.postbacks WHERE dt = "+day); err != nil {
			return inWords(err)
		}
		return fmt.Sprintf("it sees %d rows of a later commit", seen)
	}, "CREATE TEMP TABLE one (payload SUPER)", b.copyOf("one", lines("a", 1), ""))
}

func dateStyle(b *bench) string {
	var style string
	if err := b.db.Get(&style, "SHOW datestyle"); err != nil {
		return inWords(err)
	}
	return style
}

func parametersOfSuper(b *bench) string {
	rows, err := b.db.Queryx("SHOW ALL")
	if err != nil {
		return inWords(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		parameter := map[string]any{}
		if err := rows.MapScan(parameter); err != nil {
			return inWords(err)
		}
		if text := fmt.Sprint(parameter); strings.Contains(text, "super") {
			found = append(found, text)
		}
	}
	return strings.Join(found, "; ")
}

func visibleBeforeCommit(b *bench) string {
	return b.inSession(func(tx *sqlx.Tx) string {
		var id int64
		if err := tx.Get(&id, "SELECT pg_last_copy_id()"); err != nil {
			return inWords(err)
		}
		const query = "SELECT COUNT(*) FROM sys_load_detail WHERE query_id = $1"
		var own, other int
		if err := tx.Get(&own, query, id); err != nil {
			return inWords(err)
		}
		if err := b.db.Get(&other, query, id); err != nil {
			return inWords(err)
		}
		return fmt.Sprintf("at once, its own session sees %d files of 1, another %d", own, other)
	}, "CREATE TEMP TABLE one (payload SUPER)", b.copyOf("one", lines("a", 1), ""))
}

func blankLinesScanned(b *bench) string {
	return b.inSession(func(tx *sqlx.Tx) string {
		var scanned int
		if err := tx.Get(&scanned, "SELECT COALESCE(SUM(lines_scanned), -1) FROM sys_load_detail WHERE query_id = pg_last_copy_id()"); err != nil {
			return inWords(err)
		}
		return fmt.Sprintf("2 documents and 1 blank line are %d lines", scanned)
	}, "CREATE TEMP TABLE one (payload SUPER)", b.copyOf("one", []string{`{"a":1}`, ``, `{"a":2}`}, ""))
}

func conflictOfTwo(b *bench) string {
	b.file(b.hour14, "a", lines("a", 3))
	b.load()
	ctx := context.Background()
	remove := "DELETE FROM landing.postbacks WHERE dt = '" + b.hour14.Date + "'"
	one, two := b.db.MustBeginTx(ctx, nil), b.db.MustBeginTx(ctx, nil)
	defer one.Rollback()
	defer two.Rollback()
	for _, tx := range []*sqlx.Tx{one, two} { // both have their snapshot before either writes
		if _, err := tx.Exec("SELECT COUNT(*) FROM landing.loads"); err != nil {
			return inWords(err)
		}
	}
	if _, err := one.Exec(remove); err != nil {
		return inWords(err)
	}
	second := make(chan error, 1)
	go func() {
		_, err := two.Exec(remove)
		if err == nil {
			err = two.Commit()
		}
		second <- err
	}()
	if err := one.Commit(); err != nil {
		return inWords(err)
	}
	if err := <-second; err != nil {
		return inWords(err)
	}
	return "it passes"
}
