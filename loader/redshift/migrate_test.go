package redshift_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"backstop/loader"
)

func migrations(files ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		all[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return all
}

func TestMigrateAppliesEachFileOnce(t *testing.T) {
	b := newEmptyBench(t)
	ctx := context.Background()
	first := migrations("0001_one.sql", "-- one; really\nCREATE SCHEMA a; CREATE TABLE a.one (id INT) DISTSTYLE ALL;")
	applied, err := b.warehouse.Migrate(ctx, first)
	if err != nil || len(applied) != 1 || applied[0].Name != "0001_one.sql" {
		t.Fatalf("applied %v, err %v", applied, err)
	}
	if again, err := b.warehouse.Migrate(ctx, first); err != nil || len(again) != 0 {
		t.Errorf("again: applied %v, err %v", again, err)
	}
	both := migrations("0001_one.sql", string(first["0001_one.sql"].Data), "0002_two.sql", "CREATE TABLE a.two (id INT)")
	status, err := b.warehouse.Migrations(ctx, both)
	if err != nil || status[0].AppliedAt == nil || status[1].AppliedAt != nil {
		t.Errorf("status %v, err %v", status, err)
	}
	if applied, err := b.warehouse.Migrate(ctx, both); err != nil || len(applied) != 1 || applied[0].Name != "0002_two.sql" {
		t.Errorf("applied %v, err %v", applied, err)
	}
	if _, err := b.warehouse.Migrate(ctx, first); loader.ClassOf(err) != loader.Configuration || !strings.Contains(err.Error(), "0002_two.sql") {
		t.Errorf("an older program: %v", err)
	}
}

func TestAChangedMigrationStopsBeforeAnythingIsDone(t *testing.T) {
	b := newEmptyBench(t)
	ctx := context.Background()
	if _, err := b.warehouse.Migrate(ctx, migrations("0001_one.sql", "CREATE SCHEMA a")); err != nil {
		t.Fatal(err)
	}
	_, err := b.warehouse.Migrate(ctx, migrations("0001_one.sql", "CREATE SCHEMA b", "0002_two.sql", "CREATE SCHEMA c"))
	if loader.ClassOf(err) != loader.Configuration || !strings.Contains(err.Error(), "0001_one.sql was changed") {
		t.Errorf("err %v", err)
	}
	if schemas := b.count("SELECT COUNT(*) FROM pg_namespace WHERE nspname IN ('b', 'c')"); schemas != 0 {
		t.Errorf("%d schemas were made", schemas)
	}
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	b := newEmptyBench(t)
	ctx := context.Background()
	applied, err := b.warehouse.Migrate(ctx, migrations("0001_one.sql", "CREATE SCHEMA a", "0002_two.sql", "CREATE TABLE a.t (id INT); CREATE TABLE nowhere.t (id INT)"))
	if err == nil || len(applied) != 1 || !strings.Contains(err.Error(), "0002_two.sql") {
		t.Fatalf("applied %v, err %v", applied, err)
	}
	if tables := b.count("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'a'"); tables != 0 {
		t.Errorf("%d tables are left", tables)
	}
	mended := migrations("0001_one.sql", "CREATE SCHEMA a", "0002_two.sql", "CREATE TABLE a.t (id INT)")
	if applied, err := b.warehouse.Migrate(ctx, mended); err != nil || len(applied) != 1 {
		t.Errorf("mended: applied %v, err %v", applied, err)
	}
}

func TestMigrationsAtOnceApplyEachFileOnce(t *testing.T) {
	b := newEmptyBench(t)
	files := migrations("0001_one.sql", "CREATE SCHEMA a", "0002_two.sql", "CREATE TABLE a.t (id INT); INSERT INTO a.t (id) VALUES (1)")
	const programs = 4
	applied := make([]int, programs)
	errs := make([]error, programs)
	var running sync.WaitGroup
	for i := range programs {
		running.Go(func() {
			mine, err := b.warehouse.Migrate(context.Background(), files)
			applied[i], errs[i] = len(mine), err
		})
	}
	running.Wait()
	total := 0
	for i := range programs {
		total += applied[i]
		if errs[i] != nil {
			t.Errorf("program %d: %v", i, errs[i])
		}
	}
	if rows := b.count("SELECT COUNT(*) FROM a.t"); total != 2 || rows != 1 {
		t.Errorf("%d applications, %d rows", total, rows)
	}
}
