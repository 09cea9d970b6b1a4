package redshift_test

import (
	"testing"

	"backstop/local/redshift/redshifttest"
)

// A view over missing tables keeps its name, owner, grants and comment until its tables come, by whichever way.
func TestLateBindingViewsWaitForTheirTables(t *testing.T) {
	r := redshifttest.Start(t)
	db := open(t, r)
	exec(t, db, "create user reader password 'Secret-1'", "create schema lake", "create schema away",
		"create view one as select p.id, p.extra.city::varchar as city from lake.places p with no schema binding",
		"create view two as select id from one where id > 1 with no schema binding",
		"grant select on one to reader", "comment on view one is 'Waiting.'",
		"create view gone as select * from lake.places with no schema binding", "drop view gone",
		"alter table one rename to first")
	for _, view := range []string{"first", "two"} {
		if _, err := db.Exec("select * from " + view); code(err) != "42P01" {
			t.Errorf("%s over a missing table: %v", view, err)
		}
	}
	exec(t, db, "create table away.fresh as select 1 as id, json_parse('{\"city\":\"Athens\"}') as extra",
		"insert into away.fresh select 2, json_parse('{\"city\":\"Berlin\"}')",
		"begin", "create table lake.places as select * from away.fresh", "commit")
	for query, want := range map[string]string{
		"select listagg(id || city, ' ') within group (order by id) from first": "1Athens 2Berlin",
		"select has_table_privilege('reader', 'first', 'select')":               "true",
		"select obj_description('first'::regclass)":                             "Waiting.",
		"select count(*) from pg_views where viewname = 'gone'":                 "0",
	} {
		if got := value(t, db, query); got != want {
			t.Errorf("%s\n got %q\nwant %q", query, got, want)
		}
	}
	exec(t, db, "alter table first rename to one")
	if got := value(t, db, "select listagg(id, ' ') from two"); got != "2" {
		t.Errorf("a view over a view that came back: %q", got)
	}
	exec(t, db, "drop table lake.places")
	if _, err := db.Exec("select * from one"); code(err) != "42P01" {
		t.Errorf("after its table has gone: %v", err)
	}
}
