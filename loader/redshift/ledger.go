package redshift

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

const entryColumns = "load_id, table_name, dt, hr, manifest_digest, manifest_key, files, bytes, rows, rows_before, copy_query_id, status, loaded_at"

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
}

func (r entryRow) entry() loader.Entry {
	return loader.Entry{
		LoadID:    r.LoadID,
		Partition: loader.Partition{Table: r.Table, Date: r.Date.Format(loader.DateLayout), Hour: r.Hour},
		Digest:    r.Digest, ManifestKey: r.ManifestKey, Files: r.Files, Bytes: r.Bytes, Rows: r.Rows, RowsBefore: r.RowsBefore,
		CopyQueryID: r.CopyQueryID, Status: loader.Status(r.Status), LoadedAt: r.LoadedAt,
	}
}

// Ledger gives the newest entry of each partition with from ≤ date ≤ to, of all tables.
func (w *Warehouse) Ledger(ctx context.Context, from, to string) (map[loader.Partition]loader.Entry, error) {
	ledger, err := newest(ctx, w.db, from, to)
	return ledger, classified(err)
}

func newest(ctx context.Context, q sqlx.QueryerContext, from, to string) (map[loader.Partition]loader.Entry, error) {
	var rows []entryRow
	err := sqlx.SelectContext(ctx, q, &rows, `SELECT `+entryColumns+`
		FROM (SELECT `+entryColumns+`, ROW_NUMBER() OVER (PARTITION BY table_name, dt, hr ORDER BY loaded_at DESC) AS age
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
	err := sqlx.GetContext(ctx, q, &row, `SELECT `+entryColumns+` FROM landing.loads
		WHERE table_name = $1 AND dt = $2 AND hr = $3 ORDER BY loaded_at DESC LIMIT 1`, p.Table, p.Date, p.Hour)
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

// insertEntries appends to the ledger. Many rows are few statements: a quiet day has a hundred empty partitions.
func insertEntries(ctx context.Context, tx *sqlx.Tx, entries []loader.Entry) error {
	const perStatement = 200 // 13 parameters each, far below the protocol's 32,767
	for len(entries) > 0 {
		chunk := entries[:min(perStatement, len(entries))]
		entries = entries[len(chunk):]
		var values []string
		var args []any
		for _, e := range chunk {
			row := []any{e.LoadID, e.Partition.Table, e.Partition.Date, e.Partition.Hour, e.Digest, e.ManifestKey, e.Files, e.Bytes, e.Rows, e.RowsBefore, e.CopyQueryID, string(e.Status), timestamp(e.LoadedAt)}
			values = append(values, placeholders(len(args), len(row)))
			args = append(args, row...)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO landing.loads ("+entryColumns+") VALUES "+strings.Join(values, ", "), args...); err != nil {
			return fmt.Errorf("insert into landing.loads: %w", err)
		}
	}
	return nil
}

func placeholders(after, count int) string {
	marks := make([]string, count)
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", after+i+1)
	}
	return "(" + strings.Join(marks, ", ") + ")"
}
