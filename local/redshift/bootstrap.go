package redshift

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"

	_ "github.com/lib/pq" // the driver of the connection
)

//go:embed catalog/*.sql
var catalog embed.FS

// Bootstrap makes a fresh PostgreSQL database look like Redshift's: the type SUPER, Redshift's functions, the system
// tables. The dsn is PostgreSQL's, of a superuser. A database that has them already stays as it is.
func Bootstrap(ctx context.Context, dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return fmt.Errorf("open the database behind the stand-in: %w", err)
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("reach the database behind the stand-in: %w", err)
	}
	defer tx.Rollback()
	files, digest, err := catalogFiles()
	if err != nil {
		return err
	}
	if installed, err := catalogInstalled(ctx, tx, digest); err != nil || installed {
		return err
	}
	if _, err := tx.ExecContext(ctx, "set local allow_system_table_mods = on; set local check_function_bodies = off"); err != nil {
		return fmt.Errorf("open the system catalog for additions: %w", err)
	}
	for _, text := range files {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("install the stand-in's catalog: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, "comment on schema redshift is '"+digest+"'"); err != nil {
		return fmt.Errorf("sign the stand-in's catalog: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("install the stand-in's catalog: %w", err)
	}
	return nil
}

// catalogFiles are the statements to install, in order, and a digest of them.
func catalogFiles() (files []string, digest string, err error) {
	hash := sha256.New()
	for _, name := range []string{"super", "functions", "loads", "lateviews", "sortkeys", "planner", "system"} {
		text, err := catalog.ReadFile("catalog/" + name + ".sql")
		if err != nil {
			return nil, "", fmt.Errorf("read the stand-in's catalog: %w", err)
		}
		hash.Write(text)
		files = append(files, string(text))
	}
	return files, hex.EncodeToString(hash.Sum(nil)), nil
}

// catalogInstalled is true when this very catalog is there. Another version's is an error: its types are in the tables.
func catalogInstalled(ctx context.Context, tx *sql.Tx, digest string) (bool, error) {
	var found string
	err := tx.QueryRowContext(ctx, "select coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace where nspname = 'redshift'").Scan(&found)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for the stand-in's catalog: %w", err)
	case found != digest:
		return false, errors.New("the database was made for another version of the Redshift stand-in: delete it (on the local stack: the folder .local) and start anew")
	}
	return true, nil
}
