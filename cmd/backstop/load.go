package main

import (
	"context"
	"fmt"
	"slices"

	"backstop/loader"
	"backstop/loader/redshift"
	"backstop/loader/s3"

	"github.com/google/uuid"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

type loadFlags struct {
	rangeFlags
	force, dryRun bool
	maxErrors     int
	verify        string
}

func (p *program) loadCommand() *cobra.Command {
	var f loadFlags
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Load archived partitions into the landing tables",
		Long: "Loads every partition (table, UTC arrival date and hour) whose files differ from what the ledger says is loaded; each is replaced\n" +
			"as a whole or not at all. What is loaded already costs a look. Hours that have not begun are left out.",
		Example: "  backstop load --date 2026-11-19\n  backstop load --from 2026-11-19 --table postbacks --table forwards\n  backstop load --date 2026-11-19 --hour 14 --force\n  backstop load --date 2026-11-19 --max-errors 10",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.load(cmd.Context(), f) },
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.force, "force", false, "load again what is unchanged or purged, and let a partition lose rows")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be loaded and why, and change nothing")
	cmd.Flags().IntVar(&f.maxErrors, "max-errors", 0, "leave out up to this many bad lines of each partition, and record them in landing.load_errors")
	cmd.Flags().StringVar(&f.verify, "verify", string(redshift.BeforeCommit), "hold what COPY read against the manifest before_commit or after_commit")
	return cmd
}

func (p *program) load(ctx context.Context, f loadFlags) error {
	verify := redshift.Verify(f.verify)
	if verify != redshift.BeforeCommit && verify != redshift.AfterCommit {
		return usage("--verify %q is neither before_commit nor after_commit", f.verify)
	}
	if f.maxErrors < 0 || f.maxErrors > redshift.MostErrors {
		return usage("--max-errors %d is not between 0 and %d", f.maxErrors, redshift.MostErrors)
	}
	l, steps, err := p.planned(ctx, f.rangeFlags, verify, f.force, envCopyRole)
	if err != nil {
		return err
	}
	defer l.close()
	if f.dryRun {
		return p.showPlan(steps)
	}
	step, done := p.progress(len(steps), "loading")
	l.MaxErrors = f.maxErrors
	l.Progress = func(loader.Step) { step() }
	result, err := l.Load(ctx, steps)
	done()
	return p.showLoad(result, err)
}

// opened is a loader with both its sides at hand.
type opened struct {
	*loader.Loader
	archive   *s3.Archive
	warehouse *redshift.Warehouse
}

func (o *opened) close() { o.warehouse.Close() }

// planned opens a loader and plans what the flags choose; a bar counts the listings on a terminal. needs is what of the environment the
// caller needs beside the two sides. The loader is open if there is no error.
func (p *program) planned(ctx context.Context, f rangeFlags, verify redshift.Verify, force bool, needs ...string) (*opened, []loader.Step, error) {
	chosen, err := f.chosen(p.now())
	if err != nil {
		return nil, nil, err
	}
	if err := p.require(slices.Concat([]string{envWarehouse, envArchive}, needs, []string{envRegion})...); err != nil {
		return nil, nil, err
	}
	archive, err := p.openArchive(ctx)
	if err != nil {
		return nil, nil, err
	}
	warehouse, err := p.openWarehouse(verify)
	if err != nil {
		return nil, nil, err
	}
	listed, done := p.progress(len(chosen.Days())*len(chosen.Tables), "listing")
	defer done()
	l := &opened{&loader.Loader{Archive: archive, Warehouse: warehouse, NewID: uuid.NewString, Force: force, Listed: listed}, archive, warehouse}
	steps, err := l.Plan(ctx, chosen)
	if err != nil {
		l.close()
		return nil, nil, err
	}
	return l, steps, nil
}

// loadAnswer is what --json gives, also when the load failed.
type loadAnswer struct {
	Verb string `json:"verb"`
	loader.Result
	Error    string `json:"error,omitempty"`
	ExitCode int    `json:"exit_code"`
}

func (p *program) showLoad(result loader.Result, failed error) error {
	if p.asJSON {
		answer := loadAnswer{Verb: "load", Result: result}
		if failed != nil {
			answer.Error, answer.ExitCode = failed.Error(), exitCode(failed)
		}
		return firstError(failed, p.answer(answer))
	}
	p.showBadLines(result)
	p.say("%s: %d loaded (%s, %s), %d empty, %d unchanged, %d purged, %d failed",
		plural(result.Partitions, "partition"), result.Loaded, plural(int(result.Rows), "row"), plural(result.Files, "file"), result.Empty, result.Unchanged, result.Purged, result.Failed)
	return failed
}

func (p *program) showBadLines(result loader.Result) {
	if result.Errors == 0 {
		return
	}
	rows := make([]table.Row, 0, len(result.BadLines))
	for _, bad := range result.BadLines {
		rows = append(rows, table.Row{bad.File, bad.Line, bad.Reason, bad.CutOut})
	}
	p.table(table.Row{"file", "line", "why", "near (letters and digits masked)"}, rows)
	p.say("%s left out, %d shown; all are in landing.load_errors", plural(int(result.Errors), "bad line"), len(rows))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
