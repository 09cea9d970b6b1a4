package redshift_test

import (
	"testing"

	"backstop/local/redshift/redshifttest"
)

// Two transactions that both looked at a day before either replaced it. Under snapshot isolation a full day makes the second fail with 1023, and an
// empty one is doubled in silence; a lock that comes first cures both.
func TestReplacingADayUnderSnapshotIsolation(t *testing.T) {
	r := redshifttest.Start(t)
	one, two := open(t, r), open(t, r)
	const replace = "delete from days; insert into days select n, true from numbers"
	for _, c := range []struct {
		name       string
		before     string
		code, rows string
	}{
		{"a full day", "insert into days select n, false from numbers where n <= 5", "XX000", "10"},
		{"an empty day", "select 1", "none", "20"},
	} {
		exec(t, one, "drop table if exists days", "drop table if exists numbers", "create table days (n int, fresh boolean)", "create table numbers (n int)",
			"insert into numbers select 1 union all select 2 union all select 3 union all select 4 union all select 5",
			"insert into numbers select n + 5 from numbers", c.before)
		exec(t, one, "begin", "select count(*) from days")
		exec(t, two, "begin", "select count(*) from days")
		exec(t, one, replace, "commit")
		_, err := two.Exec(replace)
		if code(err) != c.code {
			t.Errorf("%s: the second transaction: %v, want %s", c.name, err, c.code)
		}
		exec(t, two, "commit")
		if got := value(t, one, "select count(*) from days where fresh"); got != c.rows {
			t.Errorf("%s: %s rows, want %s", c.name, got, c.rows)
		}
	}
}
