package redshift

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

func ledgerColumns() []string {
	return []string{"load_id", "table_name", "dt", "hr", "manifest_digest", "manifest_key", "files", "bytes", "rows", "rows_before", "copy_query_id", "status", "loaded_at", "errors"}
}

// ledgerRow gives an entry by column.
func ledgerRow(e loader.Entry) map[string]any {
	return map[string]any{
		"load_id": e.LoadID, "table_name": e.Partition.Table, "dt": e.Partition.Date, "hr": e.Partition.Hour,
		"manifest_digest": e.Digest, "manifest_key": e.ManifestKey, "files": e.Files, "bytes": e.Bytes, "rows": e.Rows,
		"rows_before": e.RowsBefore, "copy_query_id": e.CopyQueryID, "status": string(e.Status), "loaded_at": timestamp(e.LoadedAt),
		"errors": e.Errors,
	}
}

type entryRow struct {
	LoadID      string    `db:"load_id"`
	Table       string    `db:"table_name"`
	Date        time.Time `db:"dt"`
	Hour        int       `db:"hr"`
	Digest      string    `db:"manifest_digest"`
	ManifestKey string    `db:"manifest_key"`
	Files       int       `db:"files"`
	Bytes       int64     `db:"bytes"`
	Rows        int64     `db:"rows"`
	RowsBefore  int64     `db:"rows_before"`
	CopyQueryID int64     `db:"copy_query_id"`
	Status      string    `db:"status"`
	LoadedAt    time.Time `db:"loaded_at"`
	Errors      int64     `db:"errors"`
}

func (r entryRow) entry() loader.Entry {
	return loader.Entry{
		LoadID:    r.LoadID,
		Partition: loader.Partition{Table: r.Table, Date: r.Date.Format(loader.DateLayout), Hour: r.Hour},
		Digest:    r.Digest, ManifestKey: r.ManifestKey, Files: r.Files, Bytes: r.Bytes, Rows: r.Rows, RowsBefore: r.RowsBefore,
		CopyQueryID: r.CopyQueryID, Status: loader.Status(r.Status), LoadedAt: r.LoadedAt, Errors: r.Errors,
	}
}

// Ledger gives the newest entry of each partition with from ≤ date ≤ to, of all tables.
func (w *Warehouse) Ledger(ctx context.Context, from, to string) (map[loader.Partition]loader.Entry, error) {
	ledger, err := newest(ctx, w.db, from, to)
	return ledger, Classified(err)
}

func newest(ctx context.Context, q sqlx.QueryerContext, from, to string) (map[loader.Partition]loader.Entry, error) {
	var rows []entryRow
	columns := strings.Join(ledgerColumns(), ", ")
	err := sqlx.SelectContext(ctx, q, &rows, `SELECT `+columns+`
		FROM (SELECT `+columns+`, ROW_NUMBER() OVER (PARTITION BY table_name, dt, hr ORDER BY loaded_at DESC) AS age
		      FROM landing.loads WHERE dt BETWEEN $1 AND $2) AS aged
		WHERE age = 1`, from, to)
	if err != nil {
		return nil, fmt.Errorf("read landing.loads: %w", err)
	}
	ledger := make(map[loader.Partition]loader.Entry, len(rows))
	for _, row := range rows {
		entry := row.entry()
		ledger[entry.Partition] = entry
	}
	return ledger, nil
}

// newestOf gives the newest entry of one partition, or nil.
func newestOf(ctx context.Context, q sqlx.QueryerContext, p loader.Partition) (*loader.Entry, error) {
	var row entryRow
	look := newestStatement(p)
	err := sqlx.GetContext(ctx, q, &row, look.text, look.args...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read landing.loads: %w", err)
	}
	entry := row.entry()
	return &entry, nil
}

// timestamp is the text of a moment that Redshift reads without a time zone.
func timestamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000000") }

// insertEntries appends to the ledger.
func insertEntries(ctx context.Context, tx *sqlx.Tx, entries []loader.Entry) error {
	rows := make([]map[string]any, len(entries))
	for i, e := range entries {
		rows[i] = ledgerRow(e)
	}
	return insertRows(ctx, tx, "landing.loads", ledgerColumns(), rows)
}

// insertRows makes few statements of many rows: a quiet day has a hundred empty partitions.
func insertRows(ctx context.Context, tx *sqlx.Tx, table string, columns []string, rows []map[string]any) error {
	const perStatement = 200 // with fewer than 20 columns far below the protocol's 32,767 parameters
	for chunk := range slices.Chunk(rows, perStatement) {
		insert := valuesStatement(table, columns, chunk)
		if _, err := tx.ExecContext(ctx, insert.text, insert.args...); err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
	}
	return nil
}
