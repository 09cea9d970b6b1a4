package redshift_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"backstop/local/redshift/redshifttest"
)

// code is the SQLSTATE of a refusal, or a word for other outcomes.
func code(err error) string {
	var said *pq.Error
	switch {
	case err == nil:
		return "none"
	case errors.As(err, &said):
		return string(said.Code)
	}
	return "connection"
}

func TestPreparedStatementsAndParameters(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	exec(t, db, "create table places (id int, payload super)")
	insert, err := db.Prepare(`insert into places select $1::int, json_parse($2)`)
	if err != nil {
		t.Fatal(err)
	}
	defer insert.Close()
	for n := range 3 {
		if _, err := insert.Exec(n, fmt.Sprintf(`{"name": "n%d"}`, n)); err != nil {
			t.Fatal(err)
		}
	}
	var name string
	if err := db.QueryRow(`select p.payload.name::varchar from places p where id = $1`, 2).Scan(&name); err != nil || name != "n2" {
		t.Errorf("got %q, %v", name, err)
	}
	if _, err := db.Prepare("select string_agg(id, ',') from places"); code(err) != "42883" {
		t.Errorf("preparing what Redshift refuses: %v", err)
	}
	if got := value(t, db, "select count(*) from places"); got != "3" {
		t.Errorf("after a refusal: %s rows", got)
	}
}

func TestARefusedStatementAbortsItsTransaction(t *testing.T) {
	db := open(t, redshifttest.Start(t))
	for _, refused := range []string{"select string_agg(1, ',')", "select 1 from raw.t", "select * from missing_table"} {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(refused); err == nil {
			t.Errorf("%s: passed", refused)
		}
		if _, err := tx.Exec("select 1"); code(err) != "25P02" {
			t.Errorf("after %s: %v, want an aborted transaction", refused, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Errorf("rollback: %v", err)
		}
	}
}

func TestSeveralStatementsInAMessageAreOneTransaction(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	source := r.PutLines("a.gz", `{"id":"1"}`)
	exec(t, db, "create table stage (payload super)")
	if _, err := db.Exec(copySQL(source, "GZIP") + "; insert into stage select json_parse('broken')"); err == nil {
		t.Fatal("a broken document was parsed")
	}
	if got := value(t, db, "select count(*) from stage"); got != "0" {
		t.Errorf("%s rows of a failed message", got)
	}
	exec(t, db, copySQL(source, "GZIP")+"; insert into stage select json_parse('{}')")
	if got := value(t, db, "select count(*) from stage"); got != "2" {
		t.Errorf("%s rows, want 2", got)
	}
}

func TestTruncateCommits(t *testing.T) {
	db := open(t, redshifttest.Start(t))
	exec(t, db, "create table days (id int)", "insert into days values (1)", "begin", "insert into days values (2)", "truncate days", "insert into days values (3)", "rollback")
	if got := value(t, db, "select listagg(id, ',') from days"); got != "3" {
		t.Errorf("rows %q, want only the one inserted after TRUNCATE had committed", got)
	}
}

func TestAConflictIsError1023(t *testing.T) {
	r := redshifttest.Start(t)
	one, two := open(t, r), open(t, r)
	exec(t, one, "create table days (id int)", "insert into days values (1)")
	exec(t, one, "begin", "select * from days")
	exec(t, two, "begin", "select * from days", "update days set id = 2", "commit")
	_, err := one.Exec("update days set id = 3")
	var said *pq.Error
	if !errors.As(err, &said) || said.Code != "XX000" || said.Message != "1023" || !strings.Contains(said.Detail, "Serializable isolation violation on table") {
		t.Errorf("error %v", err)
	}
}

// Two transactions that replace a day give its rows once if they lock first, and the snapshot is taken after the lock.
func TestLockFirstThenSnapshot(t *testing.T) {
	r := redshifttest.Start(t)
	setup := open(t, r)
	exec(t, setup, "create table load_lock (id int)", "create table days (dt date, n int)")
	replace := func(db *sql.DB) error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		defer tx.Rollback()
		for _, s := range []string{"lock load_lock", "select count(*) from days", "delete from days where dt = '2026-11-20'",
			"insert into days select date '2026-11-20', 1 union all select date '2026-11-20', 2"} {
			if _, err := tx.Exec(s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return tx.Commit()
	}
	var loaders sync.WaitGroup
	for range 8 {
		db := open(t, r)
		loaders.Go(func() {
			for range 5 {
				if err := replace(db); err != nil {
					t.Error(err)
				}
			}
		})
	}
	loaders.Wait()
	if got := value(t, setup, "select count(*) from days"); got != "2" {
		t.Errorf("%s rows, want 2", got)
	}
}

func TestFaultsAtCommit(t *testing.T) {
	r := redshifttest.Start(t)
	for _, c := range []struct {
		name, code, rows string
		order            func()
	}{
		{"1023", "XX000", "0", r.Faults.ConflictAtCommit},
		{"lost before", "connection", "0", r.Faults.LoseBeforeCommit},
		{"lost after", "connection", "1", r.Faults.LoseAfterCommit},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := open(t, r)
			exec(t, db, "drop table if exists days", "create table days (id int)")
			tx, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			exec(t, tx, "insert into days values (1)")
			c.order()
			if err := tx.Commit(); code(err) != c.code {
				t.Errorf("COMMIT: %v, want %s", err, c.code)
			}
			if got := value(t, open(t, r), "select count(*) from days"); got != c.rows {
				t.Errorf("%s rows, want %s", got, c.rows)
			}
		})
	}
}

func TestLoginsAreChecked(t *testing.T) {
	r := redshifttest.Start(t)
	exec(t, open(t, r), "create user analyst password 'Secret-1'")
	login := func(user, password string) error {
		u, err := url.Parse(r.DSN)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(user, password)
		db, err := sql.Open("postgres", u.String())
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		return db.Ping()
	}
	if err := login("analyst", "Secret-1"); err != nil {
		t.Errorf("right password: %v", err)
	}
	if err := login("analyst", "wrong"); code(err) != "28P01" {
		t.Errorf("wrong password: %v", err)
	}
	r.Faults.RefuseLogins(1)
	if err := login("analyst", "Secret-1"); code(err) != "28000" {
		t.Errorf("refused by order: %v", err)
	}
	if err := login("analyst", "Secret-1"); err != nil {
		t.Errorf("after the refusal: %v", err)
	}
}

func TestACancelledStatementEnds(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(ctx, "select pg_sleep(600)")
		done <- err
	}()
	watch := open(t, r)
	for value(t, watch, "select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' and state = 'active' and pid <> pg_backend_pid()") == "0" {
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("a cancelled statement succeeded")
	}
	exec(t, open(t, r), "select 1")
}

func TestTheClockIsTheStandInsOwn(t *testing.T) {
	now := time.Date(2026, 11, 20, 13, 14, 15, 987000000, time.UTC)
	r := redshifttest.Start(t, redshifttest.WithClock(func() time.Time { return now }))
	db := open(t, r)
	exec(t, db, "create table days (at timestamp)", "insert into days select getdate()")
	if got := value(t, db, "select at::varchar || ' ' || sysdate::varchar || ' ' || current_date::varchar from days"); got != "2026-11-20 13:14:15 2026-11-20 13:14:15.987 2026-11-20" {
		t.Errorf("clock: %s", got)
	}
	exec(t, db, "insert into days select getdate()")
	if got := value(t, open(t, r), "select count(*) from days"); got != "2" {
		t.Errorf("another session sees %s rows: asking for the time left a transaction open", got)
	}
	now = now.AddDate(0, 0, 1)
	if got := value(t, db, "select getdate()::date::varchar"); got != "2026-11-21" {
		t.Errorf("a day later: %s", got)
	}
}

func TestASlowStatementCanBeCancelled(t *testing.T) {
	r := redshifttest.Start(t)
	for name, arguments := range map[string][]any{"select 1": nil, "select $1::int": {1}} {
		db := open(t, r)
		exec(t, db, "select 1")
		r.Faults.Slow(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := db.ExecContext(ctx, name, arguments...); err == nil {
			t.Errorf("%s: it did not wait", name)
		}
		cancel()
		r.Faults.Slow(0)
		exec(t, open(t, r), "select 1")
	}
}
