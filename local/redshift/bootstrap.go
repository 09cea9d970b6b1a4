package redshift

import (
	"context"
	"database/sql"
	"embed"
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
	var done bool
	if err := tx.QueryRowContext(ctx, "select exists (select from pg_namespace where nspname = 'redshift')").Scan(&done); err != nil {
		return fmt.Errorf("look for the stand-in's catalog: %w", err)
	}
	if done {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "set local allow_system_table_mods = on; set local check_function_bodies = off"); err != nil {
		return fmt.Errorf("open the system catalog for additions: %w", err)
	}
	for _, name := range []string{"super", "functions", "loads", "lateviews", "system"} {
		text, err := catalog.ReadFile("catalog/" + name + ".sql")
		if err != nil {
			return fmt.Errorf("read the stand-in's catalog: %w", err)
		}
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("install catalog/%s.sql: %w", name, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("install the stand-in's catalog: %w", err)
	}
	return nil
}
