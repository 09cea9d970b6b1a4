// Package redshift keeps the landing tables and the load ledger in Amazon Redshift: the load transaction, the text of COPY, its
// verification, and the explanation of its errors. It speaks to Redshift through lib/pq, which takes a COPY from S3 only by Exec
// without arguments.
package redshift

import (
	"context"
	"database/sql"
	"net/url"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Verify says when the files that COPY read are held against the manifest.
type Verify string

const (
	// BeforeCommit holds the transaction open until Redshift shows what COPY read; a mismatch rolls back.
	BeforeCommit Verify = "before_commit"
	// AfterCommit is for clusters that show it only after COMMIT; a mismatch marks the partition as suspect.
	AfterCommit Verify = "after_commit"
)

// Config is what a warehouse needs beside its address.
type Config struct {
	CopyRole string // ARN of the IAM role with which Redshift reads the archive
	Region   string // of the archive
	Verify   Verify
	Wait     func(ctx context.Context, d time.Duration) error // sleeps between tries; nil is a real sleep
}

// Warehouse is the landing schema of one Redshift database. It is safe for concurrent use.
type Warehouse struct {
	db     *sqlx.DB
	config Config
}

// Open checks the address and connects lazily: a warehouse that is down shows at the first call. The address is a URL with
// an explicit sslmode, because the driver's default differs between its versions.
func Open(dsn string, config Config) (*Warehouse, error) {
	address, err := url.Parse(dsn)
	if err != nil {
		return nil, loader.Fail(loader.Configuration, "the warehouse's address is not a URL of the form postgres://user:password@host:5439/database?sslmode=verify-full")
	}
	if address.Query().Get("sslmode") == "" {
		return nil, loader.Fail(loader.Configuration, "the warehouse's address %s has no sslmode: add ?sslmode=verify-full (or disable for a stand-in on this machine)", address.Redacted())
	}
	if config.Wait == nil {
		config.Wait = sleep
	}
	if config.Verify == "" {
		config.Verify = BeforeCommit
	}
	connector, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, loader.Fail(loader.Configuration, "the warehouse's address %s: %w", address.Redacted(), err)
	}
	return &Warehouse{db: sqlx.NewDb(sql.OpenDB(connector), "postgres"), config: config}, nil
}

// DB is the connection pool, for others who work in the same database.
func (w *Warehouse) DB() *sqlx.DB { return w.db }

// Close ends all connections.
func (w *Warehouse) Close() error { return w.db.Close() }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
