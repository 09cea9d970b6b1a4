package main

import (
	"context"
	"time"

	"backstop/loader/redshift"
	"backstop/sql"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (p *program) migrateCommand() *cobra.Command {
	up := func(cmd *cobra.Command, _ []string) error { return p.migrate(cmd.Context()) }
	cmd := &cobra.Command{
		Use:     "migrate",
		Short:   "Bring the warehouse's schema up to date",
		Long:    "Applies the DDL files that are not applied yet, as `backstop migrate up` does. A file that was changed after it was applied stops it before anything is done.",
		Example: "  backstop migrate\n  backstop migrate status",
		Args:    noArguments,
		RunE:    up,
	}
	cmd.AddCommand(
		&cobra.Command{Use: "up", Short: "Apply the migrations that are not applied yet", Example: "  backstop migrate up --json", Args: noArguments, RunE: up},
		&cobra.Command{
			Use:     "status",
			Short:   "Say which migrations are applied",
			Example: "  backstop migrate status --json",
			Args:    noArguments,
			RunE:    func(cmd *cobra.Command, _ []string) error { return p.migrateStatus(cmd.Context()) },
		},
	)
	return cmd
}

func (p *program) migrate(ctx context.Context) error {
	return p.withWarehouse(func(w *redshift.Warehouse) error {
		applied, err := w.Migrate(ctx, sql.Migrations)
		if err != nil {
			return err
		}
		names := []string{}
		for _, m := range applied {
			names = append(names, m.Name)
			p.say("applied %s", m.Name)
		}
		if p.asJSON {
			return p.answer(map[string]any{"verb": "migrate", "applied": names})
		}
		if len(applied) == 0 {
			p.say("nothing to apply")
		}
		return nil
	})
}

func (p *program) migrateStatus(ctx context.Context) error {
	return p.withWarehouse(func(w *redshift.Warehouse) error {
		migrations, err := w.Migrations(ctx, sql.Migrations)
		if err != nil {
			return err
		}
		if p.asJSON {
			return p.answer(map[string]any{"verb": "migrate status", "migrations": migrations})
		}
		rows := make([]table.Row, 0, len(migrations))
		for _, m := range migrations {
			at := "not yet"
			if m.AppliedAt != nil {
				at = m.AppliedAt.Format(time.DateTime)
			}
			rows = append(rows, table.Row{m.Name, at})
		}
		p.table(table.Row{"migration", "applied (UTC)"}, rows)
		return nil
	})
}

func (p *program) withWarehouse(use func(*redshift.Warehouse) error) error {
	if err := p.require(envWarehouse); err != nil {
		return err
	}
	w, err := p.openWarehouse(redshift.BeforeCommit)
	if err != nil {
		return err
	}
	defer w.Close()
	return use(w)
}
