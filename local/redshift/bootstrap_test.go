package redshift_test

import (
	"strings"
	"testing"

	"backstop/local/postgres/postgrestest"
	"backstop/local/redshift"
)

func TestBootstrapKnowsItsOwnWork(t *testing.T) {
	pg := postgrestest.Start(t)
	if err := pg.CreateDatabase(t.Context(), "warehouse"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := redshift.Bootstrap(t.Context(), pg.DSN("warehouse")); err != nil {
			t.Fatal(err)
		}
	}
	db := openURL(t, pg.DSN("warehouse"))
	exec(t, db, "comment on schema redshift is 'older'")
	if err := redshift.Bootstrap(t.Context(), pg.DSN("warehouse")); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("a catalog of another version: %v", err)
	}
}
