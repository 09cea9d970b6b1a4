package main

import (
	"context"
	"time"

	"backstop/loader"
	"backstop/loader/redshift"

	"github.com/google/uuid"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

type purgeFlags struct {
	table, before string
	dryRun        bool
}

func (p *program) purgeCommand() *cobra.Command {
	var f purgeFlags
	cmd := &cobra.Command{
		Use:   "purge",
		Short: "Remove what arrived before a date from a landing table",
		Long: "Deletes the rows of one table whose UTC arrival date lies before --before, and enters their partitions in the ledger as purged:\n" +
			"`backstop load` does not bring them back without --force. The archive in S3 is not touched. Run it with --dry-run first.",
		Example: "  backstop purge --table postbacks --before 2025-11-20 --dry-run\n  backstop purge --table postbacks --before 2025-11-20",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.purge(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.table, "table", "", "the table")
	cmd.Flags().StringVar(&f.before, "before", "", "first UTC arrival date that stays, YYYY-MM-DD")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be deleted, and change nothing")
	return cmd
}

func (p *program) purge(ctx context.Context, f purgeFlags) error {
	if err := f.check(p.now()); err != nil {
		return err
	}
	return p.withWarehouse(func(w *redshift.Warehouse) error {
		entries, err := w.Purge(ctx, loader.Purge{Table: f.table, Before: f.before, DryRun: f.dryRun, NewID: uuid.NewString})
		if err != nil {
			return err
		}
		return p.showPurge(f, entries)
	})
}

// check refuses everything that is not surely meant.
func (f purgeFlags) check(now time.Time) error {
	if f.table == "" || f.before == "" {
		return usage("say what to purge: --table and --before")
	}
	before, err := parseDate("--before", f.before)
	if err != nil {
		return err
	}
	if err := (loader.Range{Tables: []string{f.table}, From: before, To: before}).Validate(); err != nil {
		return usage("%w", err)
	}
	if before.After(now.UTC()) {
		return usage("--before %s lies in the future; in UTC it is %s", f.before, now.UTC().Format(time.DateTime))
	}
	return nil
}

func (p *program) showPurge(f purgeFlags, entries []loader.Entry) error {
	var rows int64
	for _, e := range entries {
		rows += e.RowsBefore
	}
	days := loader.PurgedByDay(entries)
	if p.asJSON {
		return p.answer(map[string]any{"verb": "purge", "table": f.table, "before": f.before, "dry_run": f.dryRun, "partitions": len(entries), "rows": rows, "days": days})
	}
	if len(days) > 0 {
		lines := make([]table.Row, 0, len(days))
		for _, d := range days {
			lines = append(lines, table.Row{d.Date, d.Hours, d.Rows})
		}
		p.table(table.Row{"date", "hours", "rows"}, lines)
	}
	verb := "purged"
	if f.dryRun {
		verb = "to purge"
	}
	p.say("%s %s from landing.%s before %s: %s", plural(len(entries), "partition"), verb, f.table, f.before, plural(int(rows), "row"))
	return nil
}
