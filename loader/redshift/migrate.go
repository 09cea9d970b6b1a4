package redshift

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Migration is one numbered file of DDL and what the warehouse says about it.
type Migration struct {
	Name      string     `json:"name"`
	Checksum  string     `json:"checksum"`
	AppliedAt *time.Time `json:"applied_at"` // nil: not yet
	text      string
}

// bootstrap makes the place where applied migrations are kept, with the checksum of their text. It can run any number of times.
const bootstrap = `CREATE SCHEMA IF NOT EXISTS ops;
CREATE TABLE IF NOT EXISTS ops.migrations (name VARCHAR(200) NOT NULL, checksum VARCHAR(64) NOT NULL, applied_at TIMESTAMP NOT NULL)`

// Migrate applies the *.sql files that are not applied yet, ordered by name, each in a transaction with the row that records it,
// and gives those that it applied. A file that was changed after it was applied, or that is gone, stops it before anything is
// done. Two that run at once wait for each other.
func (w *Warehouse) Migrate(ctx context.Context, files fs.FS) ([]Migration, error) {
	migrations, err := w.Migrations(ctx, files)
	if err != nil {
		return nil, err
	}
	if err := w.again(ctx, func() error { return w.bootstrap(ctx) }); err != nil {
		return nil, err
	}
	applied := []Migration{}
	for _, m := range migrations {
		if m.AppliedAt != nil {
			continue
		}
		var mine bool
		err := w.again(ctx, func() error {
			var err error
			mine, err = w.apply(ctx, m)
			return err
		})
		if err != nil {
			return applied, fmt.Errorf("migration %s: %w", m.Name, err)
		}
		if mine {
			applied = append(applied, m)
		}
	}
	return applied, nil
}

// Migrations gives all migrations of the files with what the warehouse says about each.
func (w *Warehouse) Migrations(ctx context.Context, files fs.FS) ([]Migration, error) {
	migrations, err := readMigrations(files)
	if err != nil {
		return nil, err
	}
	known, err := recorded(ctx, w.db)
	if err != nil {
		return nil, Classified(err)
	}
	for i, m := range migrations {
		record, ok := known[m.Name]
		if !ok {
			continue
		}
		if record.Checksum != m.Checksum {
			return nil, loader.Fail(loader.Configuration, "migration %s was changed after it was applied on %s: restore its text and put the change in a new file",
				m.Name, record.AppliedAt.Format(time.DateTime))
		}
		migrations[i].AppliedAt = &record.AppliedAt
		delete(known, m.Name)
	}
	for name := range known {
		return nil, loader.Fail(loader.Configuration, "the warehouse has migration %s, which this program does not know: use the newer program", name)
	}
	return migrations, nil
}

func readMigrations(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	slices.Sort(names)
	var migrations []Migration
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		sum := sha256.Sum256(text)
		migrations = append(migrations, Migration{Name: name, Checksum: hex.EncodeToString(sum[:]), text: string(text)})
	}
	return migrations, nil
}

type migrationRow struct {
	Name      string    `db:"name"`
	Checksum  string    `db:"checksum"`
	AppliedAt time.Time `db:"applied_at"`
}

// recorded gives the applied migrations by name; a warehouse without the table has none.
func recorded(ctx context.Context, q sqlx.QueryerContext) (map[string]migrationRow, error) {
	var rows []migrationRow
	err := sqlx.SelectContext(ctx, q, &rows, "SELECT name, checksum, applied_at FROM ops.migrations")
	if refused := pq.As(err); refused != nil && (refused.Code == "42P01" || refused.Code == "3F000") {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read ops.migrations: %w", err)
	}
	known := make(map[string]migrationRow, len(rows))
	for _, row := range rows {
		known[row.Name] = row
	}
	return known, nil
}

// bootstrap runs the DDL above. IF NOT EXISTS does not keep two sessions from creating the same thing at once: the second then
// fails on the catalog, and finds it there when it looks again.
func (w *Warehouse) bootstrap(ctx context.Context) error {
	_, err := w.db.ExecContext(ctx, bootstrap)
	if refused := pq.As(err); refused != nil && (refused.Code == "23505" || refused.Code == "42P06" || refused.Code == "42P07") {
		_, err = w.db.ExecContext(ctx, bootstrap)
	}
	if err != nil {
		return fmt.Errorf("create ops.migrations: %w", err)
	}
	return nil
}

// apply runs one migration in a transaction with its record. false: somebody else applied it while this one waited for the lock.
func (w *Warehouse) apply(ctx context.Context, m Migration) (bool, error) {
	tx, err := w.db.BeginTxx(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // without effect after COMMIT; before it, the first error is the one that counts
	if _, err := tx.ExecContext(ctx, "LOCK ops.migrations"); err != nil {
		return false, fmt.Errorf("lock ops.migrations: %w", err)
	}
	known, err := recorded(ctx, tx)
	if err != nil {
		return false, err
	}
	if _, done := known[m.Name]; done {
		return false, nil
	}
	if _, err := tx.ExecContext(ctx, m.text); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO ops.migrations (name, checksum, applied_at) VALUES ($1, $2, GETDATE())", m.Name, m.Checksum); err != nil {
		return false, fmt.Errorf("record it in ops.migrations: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return false, fmt.Errorf("commit: %w", err)
	}
	return true, nil
}
