package main

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	_ "github.com/lib/pq" // the driver

	"backstop/local/s3"
)

// The stand-in reads from an S3 that is there already, in the region that is said.
func TestTheStandInReadsFromAnotherS3InItsRegion(t *testing.T) {
	store, err := s3.Open("", "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range map[string]string{"a.json": "{}\n{}\n", "long.json": `{"a":"long"}`} {
		if err := store.Put(t.Context(), "elsewhere", key, []byte(text), nil); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "anyone")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "anything")
	db := runRedshift(t, "--s3", server.URL, "--bucket-region", "eu-west-1", "--string-limit", "3")
	const load = "copy stage from 's3://elsewhere/a.json' iam_role 'arn:aws:iam::000000000000:role/load' format json 'noshred'"
	if _, err := db.Exec("create table stage (payload super)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(load); err == nil || !strings.Contains(err.Error(), "PermanentRedirect") {
		t.Errorf("in the cluster's region: %v", err)
	}
	if _, err := db.Exec(load + " region 'eu-west-1'"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(strings.Replace(load, "a.json", "long.json", 1) + " region 'eu-west-1'"); err == nil {
		t.Error("a string of four bytes passed a limit of three")
	}
	var rows int
	if err := db.QueryRow("select count(*) from stage").Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// runRedshift runs the verb until the test ends and connects to what it prints.
func runRedshift(t *testing.T, args ...string) *sql.DB {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	told, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"redshift"}, args...), out, os.Stderr, os.Getenv)
		out.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitDone {
			t.Errorf("exit %d", code)
		}
	})
	lines := bufio.NewReader(told)
	dsn, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("it prints no URL: %v", err)
	}
	go io.Copy(io.Discard, lines) // until it ends
	db, err := sql.Open("postgres", strings.TrimSpace(dsn))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
