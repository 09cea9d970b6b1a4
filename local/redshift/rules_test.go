package redshift_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"backstop/local/redshift"
	"backstop/local/redshift/dialect"
	"backstop/local/redshift/redshifttest"
)

// scenery is what the rules' examples find.
const scenery = `create table places (id int, name varchar(20), extra super);
insert into places select 1, 'Athens', json_parse('{"geo": {"lat": 37.98}, "size": "small", "tags": ["old", "warm"], "Mayor": "x"}');
insert into places select 2, 'Berlin', json_parse('{"geo": {"lat": 52.52}, "size": "large", "tags": ["old", "big"]}')`

func TestEveryRuleDoesWhatItsExampleShows(t *testing.T) {
	r := redshifttest.Start(t)
	r.PutManifest("rules/places.manifest", r.PutLines("rules/places.gz", `{"id":3,"name":"Cairo"}`, `{"id":`, `{"id":4,"name":"Delhi"}`))
	for n, rule := range redshift.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			db := freshSchema(t, r.DSN, fmt.Sprintf("rule_%d", n))
			if _, err := db.Exec(scenery); err != nil {
				t.Fatal(err)
			}
			got, err := lastValue(db, rule.Example)
			if err != nil {
				var said *pq.Error
				if !errors.As(err, &said) {
					t.Fatal(err)
				}
				got = said.Message
				if refuses(rule) && said.Hint == "" {
					t.Errorf("%s: the refusal gives no hint", rule.Example)
				}
			} else if refuses(rule) {
				t.Fatalf("%s: passed, want %q", rule.Example, rule.Shows)
			}
			if got != rule.Shows {
				t.Errorf("%s\n got %q\nwant %q", rule.Example, got, rule.Shows)
			}
		})
	}
}

func refuses(r dialect.Rule) bool {
	return r.Outcome == dialect.Refused || r.Outcome == dialect.NotImitated
}

// freshSchema is a single connection whose tables go into a schema of its own.
func freshSchema(t *testing.T, dsn, schema string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec("create schema " + schema + "; set search_path to " + schema); err != nil {
		t.Fatal(err)
	}
	return db
}

// lastValue runs statements one by one and gives the first value of the last, as text.
func lastValue(db *sql.DB, statements string) (string, error) {
	parts := strings.Split(statements, "; ")
	for _, s := range parts[:len(parts)-1] {
		if _, err := db.Exec(s); err != nil {
			return "", err
		}
	}
	var value sql.RawBytes
	rows, err := db.Query(parts[len(parts)-1])
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if !rows.Next() {
		return "", rows.Err()
	}
	if err := rows.Scan(&value); err != nil {
		return "", err
	}
	return string(value), nil
}

// A function that may be called exists: as PostgreSQL's, as Bootstrap's, or written otherwise by a rule.
func TestEveryFunctionThatPassesExists(t *testing.T) {
	r := redshifttest.Start(t)
	db := openURL(t, r.PostgresDSN)
	grammar := strings.Fields("coalesce nullif greatest least extract cast position substring overlay trim user session_user current_user current_date")
	rewritten := strings.Fields("nvl nvl2 decode listagg median ratio_to_report convert date_add date_diff array object")
	for _, name := range dialect.New().Functions() {
		if slices.Contains(grammar, name) || slices.Contains(rewritten, name) {
			continue
		}
		if value(t, db, "select count(*) from pg_proc where proname in ("+pq.QuoteLiteral(name)+", 'redshift_' || "+pq.QuoteLiteral(name)+")") == "0" {
			t.Errorf("%s passes, but nothing does its work", name)
		}
	}
}
