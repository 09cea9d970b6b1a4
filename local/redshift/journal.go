package redshift

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"backstop/local/redshift/load"
)

// journal writes the system tables about loads. It uses connections of its own, so that its rows survive the rollback of
// the transaction that they tell of, as on Redshift.
type journal struct {
	server url.URL
	mu     sync.Mutex
	open   map[string]*sql.DB // by database
}

func newJournal(server url.URL) *journal {
	return &journal{server: server, open: map[string]*sql.DB{}}
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, db := range j.open {
		db.Close()
	}
}

func (j *journal) database(name string) (*sql.DB, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if db := j.open[name]; db != nil {
		return db, nil
	}
	u := j.server
	u.Path = "/" + name
	query := u.Query()
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()
	db, err := sql.Open("postgres", u.String())
	if err != nil {
		return nil, fmt.Errorf("open the journal of %s: %w", name, err)
	}
	db.SetMaxOpenConns(4)
	j.open[name] = db
	return db, nil
}

// loadRecord is a COPY as the system tables tell it. Its JSON names are their columns.
type loadRecord struct {
	ID      int64      `json:"id"`
	Count   int64      `json:"count"`
	History historyRow `json:"history"`
	Files   []fileRow  `json:"files"`
	errors  []load.BadLine
}

type historyRow struct {
	Query       int64  `json:"query_id"`
	Session     uint32 `json:"session_id"`
	Database    string `json:"database_name"`
	Status      string `json:"status"`
	Table       string `json:"table_name"`
	Start       string `json:"start_time"`
	End         string `json:"end_time"`
	Duration    int64  `json:"duration"` // microseconds
	Source      string `json:"data_source"`
	Format      string `json:"file_format"`
	Rows        int64  `json:"loaded_rows"`
	Bytes       int64  `json:"loaded_bytes"`
	SourceFiles int    `json:"source_file_count"`
	SourceBytes int64  `json:"source_file_bytes"`
	Files       int    `json:"file_count_scanned"`
	FileBytes   int64  `json:"file_bytes_scanned"`
	Errors      int    `json:"error_count"`
}

type fileRow struct {
	Query    int64  `json:"query_id"`
	Name     string `json:"file_name"`
	Bytes    int64  `json:"bytes_scanned"`
	Lines    int64  `json:"lines_scanned"`
	Splits   int    `json:"splits_scanned"`
	Recorded string `json:"record_time"`
	Start    string `json:"start_time"`
	End      string `json:"end_time"`
	ETag     string `json:"file_etag"`
	Modified string `json:"file_last_modified"`
	Size     int64  `json:"file_size"`
}

// nameLimit is the width of file_name in Redshift's system tables (char(256)).
const nameLimit = 256

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }

// nextQuery numbers a COPY.
func (j *journal) nextQuery(ctx context.Context, database string) (int64, error) {
	db, err := j.database(database)
	if err != nil {
		return 0, err
	}
	var id int64
	if err := db.QueryRowContext(ctx, "select nextval('redshift.query_ids')").Scan(&id); err != nil {
		return 0, fmt.Errorf("number a query (was the database prepared by Bootstrap?): %w", err)
	}
	return id, nil
}

// write records a COPY, successful or not.
func (j *journal) write(ctx context.Context, database string, r loadRecord) error {
	db, err := j.database(database)
	if err != nil {
		return err
	}
	history, err := json.Marshal(r.History)
	if err != nil {
		return fmt.Errorf("record a load: %w", err)
	}
	files, err := json.Marshal(r.Files)
	if err != nil {
		return fmt.Errorf("record a load: %w", err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("record a load: %w", err)
	}
	defer tx.Rollback()
	const (
		insertHistory = `insert into redshift.load_history select * from jsonb_populate_record(null::redshift.load_history, $1::jsonb)`
		insertFiles   = `insert into redshift.load_detail select * from jsonb_populate_recordset(null::redshift.load_detail, $1::jsonb)`
	)
	if _, err := tx.ExecContext(ctx, insertHistory, string(history)); err != nil {
		return fmt.Errorf("record a load: %w", err)
	}
	if _, err := tx.ExecContext(ctx, insertFiles, string(files)); err != nil {
		return fmt.Errorf("record a load's files: %w", err)
	}
	if err := writeErrors(ctx, tx, r); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("record a load: %w", err)
	}
	return nil
}

func writeErrors(ctx context.Context, tx *sql.Tx, r loadRecord) error {
	if len(r.errors) == 0 {
		return nil
	}
	insert, err := tx.PrepareContext(ctx, `copy redshift.load_error_detail (query_id, session_id, database_name, start_time, file_name, line_number,
		column_name, position, error_code, error_message, raw_line) from stdin`)
	if err != nil {
		return fmt.Errorf("record load errors: %w", err)
	}
	defer insert.Close()
	for _, e := range r.errors {
		if _, err := insert.ExecContext(ctx, r.ID, int64(r.History.Session), r.History.Database, r.History.Start, cut(e.File, nameLimit), e.Line,
			e.ColumnName, e.Column, e.Code, cut(e.Reason, 512), cut(e.Text, 1024)); err != nil {
			return fmt.Errorf("record load errors: %w", err)
		}
	}
	if _, err := insert.ExecContext(ctx); err != nil {
		return fmt.Errorf("record load errors: %w", err)
	}
	return nil
}

// cut shortens a text to n characters that PostgreSQL can store.
func cut(text string, n int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}
