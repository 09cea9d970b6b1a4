package redshift_test

import (
	"testing"

	"backstop/local/redshift/redshifttest"
)

// An index stands for Redshift's zone maps, whichever way the table is made; what PostgreSQL could refuse is not in it.
func TestSortKeysAreIndexes(t *testing.T) {
	r := redshifttest.Start(t)
	db, behind := open(t, r), openURL(t, r.PostgresDSN)
	const columns = " (found int, dt date, hr smallint, name varchar(65535)) "
	for definition, want := range map[string]string{
		"create table t" + columns + "sortkey (dt, hr)":                                                "dt, hr",
		"create table t" + columns + "compound sortkey (dt, name, hr)":                                 "dt",
		"create table t" + columns + "sortkey (name)":                                                  "",
		"create table t" + columns + "interleaved sortkey (dt, hr)":                                    "",
		"create table t" + columns + "sortkey auto":                                                    "",
		"create table t" + columns:                                                                     "",
		"create table if not exists t (dt date sortkey, found int)":                                    "dt",
		`create table t distkey (found) sortkey ("DT") as select 1 as found, current_date::date as dt`: "dt",
	} {
		exec(t, db, "drop table if exists t", definition)
		prepared, err := db.Prepare(definition)
		if err != nil {
			t.Fatalf("%s: %v", definition, err)
		}
		exec(t, db, "drop table t")
		if _, err := prepared.Exec(); err != nil {
			t.Fatalf("%s: %v", definition, err)
		}
		got := value(t, behind, `select coalesce(string_agg(a.attname, ', ' order by a.attnum), '') from pg_index i join pg_attribute a on a.attrelid = i.indexrelid
			where i.indrelid = 'public.t'::regclass`)
		if got != want {
			t.Errorf("%s: an index on (%s), want (%s)", definition, got, want)
		}
	}
	exec(t, db, "drop table t")
	for _, wrong := range []string{"create table t" + columns + "sortkey (nothing)", "create table t (body super) sortkey (body)"} {
		if _, err := db.Exec(wrong); err == nil {
			t.Errorf("%s: passed", wrong)
		}
	}
}
