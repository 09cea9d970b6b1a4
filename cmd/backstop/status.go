package main

import (
	"context"
	"time"

	"backstop/loader"
	"backstop/loader/redshift"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// statusDays is how far back `backstop status` looks by default.
const statusDays = 7

func (p *program) statusCommand() *cobra.Command {
	var f rangeFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what is loaded, missing, late or changed",
		Long: "Counts the hours of each table and day by their state, red ones first. missing: archived, never loaded; late: more files than\n" +
			"were loaded; changed: other files; suspect: loaded but not confirmed. `backstop load` mends them. bad lines: left out by a load\n" +
			"with --max-errors, all in landing.load_errors. --json also names each red hour.",
		Example: "  backstop status\n  backstop status --from 2026-11-01 --to 2026-11-19 --table postbacks",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.status(cmd.Context(), f) },
	}
	f.add(cmd)
	cmd.Flags().Lookup("from").Usage = "first UTC arrival date, YYYY-MM-DD (default: 6 days ago)"
	return cmd
}

func (p *program) status(ctx context.Context, f rangeFlags) error {
	if f.date == "" && f.from == "" {
		f.from = p.now().UTC().AddDate(0, 0, 1-statusDays).Format(loader.DateLayout)
	}
	chosen, err := f.chosen(p.now())
	if err != nil {
		return err
	}
	l, err := p.newLoader(ctx, redshift.BeforeCommit, false)
	if err != nil {
		return err
	}
	defer l.close()
	steps, err := l.Plan(ctx, chosen)
	if err != nil {
		return err
	}
	return p.showStatus(loader.ByDay(steps), p.now())
}

func (p *program) showStatus(days []loader.Day, now time.Time) error {
	red := 0
	for _, d := range days {
		red += d.Red()
	}
	if p.asJSON {
		return p.answer(map[string]any{"verb": "status", "red": red, "days": days})
	}
	rows := make([]table.Row, 0, len(days))
	for _, d := range days {
		rows = append(rows, table.Row{d.Table, d.Date, blank(d.Missing), blank(d.Late), blank(d.Changed), blank(d.Suspect), blank(d.Loaded), blank(d.Empty), blank(d.Purged), d.Files, d.Rows, blank(int(d.Errors))})
	}
	p.table(table.Row{"table", "date", "missing", "late", "changed", "suspect", "loaded", "empty", "purged", "files", "rows", "bad lines"}, rows)
	p.say("%s to load, by the archive and the ledger at %s UTC", plural(red, "hour"), now.UTC().Format(time.DateTime))
	return nil
}

// blank keeps zeros out of the table, so that the eye finds what is there.
func blank(n int) any {
	if n == 0 {
		return ""
	}
	return n
}
