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

type statusFlags struct {
	rangeFlags
	all bool
}

func (p *program) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what is loaded, missing, late or changed",
		Long: "Counts the hours of each table and day by their state, red ones first. missing: archived, never loaded; late: more files than\n" +
			"were loaded; changed: other files; suspect: loaded but not confirmed. `backstop load` mends them. bad lines: left out by a load\n" +
			"with --max-errors, all in landing.load_errors. Days without a file are counted only, unless --all is given. --json has all days\n" +
			"and names each red hour.",
		Example: "  backstop status\n  backstop status --from 2026-11-01 --to 2026-11-19 --table postbacks",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.status(cmd.Context(), f) },
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.all, "all", false, "list the days without a file, too")
	cmd.Flags().Lookup("from").Usage = "first UTC arrival date, YYYY-MM-DD (default: 6 days ago)"
	return cmd
}

func (p *program) status(ctx context.Context, f statusFlags) error {
	if f.date == "" && f.from == "" {
		f.from = p.now().UTC().AddDate(0, 0, 1-statusDays).Format(loader.DateLayout)
	}
	l, steps, err := p.planned(ctx, f.rangeFlags, redshift.BeforeCommit, false)
	if err != nil {
		return err
	}
	defer l.close()
	return p.showStatus(loader.ByDay(steps), f.all)
}

func (p *program) showStatus(days []loader.Day, all bool) error {
	red := 0
	for _, d := range days {
		red += d.Red()
	}
	if p.asJSON {
		return p.answer(map[string]any{"verb": "status", "red": red, "days": days})
	}
	p.showDays(days, all)
	p.say("%s to load, by the archive and the ledger at %s UTC", plural(red, "hour"), p.now().UTC().Format(time.DateTime))
	return nil
}

func (p *program) showDays(days []loader.Day, all bool) {
	var rows []table.Row
	quiet := 0
	for _, d := range days {
		if !all && d.Red() == 0 && d.Loaded == 0 && d.Purged == 0 {
			quiet++
			continue
		}
		rows = append(rows, table.Row{d.Table, d.Date, p.red(d.Missing), p.red(d.Late), p.red(d.Changed), p.red(d.Suspect),
			count{n: d.Loaded}, count{n: d.Empty}, count{n: d.Purged}, d.Files, d.Rows, count{n: int(d.Errors)}})
	}
	if len(rows) > 0 {
		p.table(table.Row{"table", "date", "missing", "late", "changed", "suspect", "loaded", "empty", "purged", "files", "rows", "bad lines"}, rows)
	}
	if quiet > 0 {
		p.say("%s of a table without a file; --all lists them", plural(quiet, "day"))
	}
}
