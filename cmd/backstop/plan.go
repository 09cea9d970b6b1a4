package main

import (
	"context"
	"errors"
	"strings"

	"backstop/loader"
	"backstop/loader/redshift"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

type planFlags struct {
	rangeFlags
	sql, check bool
}

func (p *program) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Say what a load would do and why",
		Long: "Lists the partitions that a load would replace, each with its reason. new: never loaded; late: more files than were loaded;\n" +
			"changed: other files; vanished: none is left; suspect: loaded but not confirmed.\n\n" +
			"With --sql also the transaction of each, statement by statement; what exists only while it runs stands in angle brackets, like\n" +
			"<load_id>. With --check Redshift reads their files without loading them; for that a manifest of each is put into the archive.\n" +
			"No table is changed.",
		Example: "  backstop plan --date 2026-11-19\n  backstop plan --from 2026-11-01 --to 2026-11-19 --table postbacks --json\n  backstop plan --date 2026-11-19 --hour 14 --sql --check",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.plan(cmd.Context(), f) },
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.sql, "sql", false, "show the SQL of each partition's transaction")
	cmd.Flags().BoolVar(&f.check, "check", false, "let Redshift read the files and name what it would refuse (COPY NOLOAD)")
	return cmd
}

func (p *program) plan(ctx context.Context, f planFlags) error {
	var needs []string
	if f.sql || f.check {
		needs = []string{envCopyRole}
	}
	l, steps, err := p.planned(ctx, f.rangeFlags, redshift.BeforeCommit, false, needs...)
	if err != nil {
		return err
	}
	defer l.close()
	var more []detail
	if f.sql {
		more = append(more, l.sql)
	}
	if f.check {
		more = append(more, func(s loader.Step, row *planned) error { return l.check(ctx, s, row) })
	}
	return p.showPlan(steps, more...)
}

// detail adds to a partition of the plan what was asked for.
type detail func(loader.Step, *planned) error

// sql adds the transaction that would load the step.
func (o *opened) sql(step loader.Step, row *planned) (err error) {
	row.SQL, err = o.warehouse.SQL(o.replacement("<load_id>", step))
	return err
}

// check adds what Redshift would refuse.
func (o *opened) check(ctx context.Context, step loader.Step, row *planned) error {
	if len(step.Manifest.Objects) == 0 {
		return nil
	}
	id := o.NewID()
	if _, err := o.archive.WriteManifest(ctx, id, step.Manifest); err != nil {
		return err
	}
	err := o.warehouse.Check(ctx, o.replacement(id, step))
	if err != nil && loader.ClassOf(err) == loader.Data {
		row.Problem = err.Error()
		return nil
	}
	return err
}

func (o *opened) replacement(loadID string, step loader.Step) loader.Replacement {
	r := loader.Replacement{LoadID: loadID, Manifest: step.Manifest}
	if len(step.Manifest.Objects) > 0 {
		r.ManifestURL = o.archive.ManifestURL(loadID, step.Manifest)
	}
	return r
}

// planned is one partition that a load would replace.
type planned struct {
	Table       string        `json:"table"`
	Date        string        `json:"date"`
	Hour        int           `json:"hour"`
	Reason      loader.Reason `json:"reason"`
	Files       int           `json:"files"`
	Bytes       int64         `json:"bytes"`
	FilesBefore int           `json:"files_before"`
	RowsBefore  int64         `json:"rows_before"`
	SQL         []string      `json:"sql,omitempty"`
	Problem     string        `json:"problem,omitempty"` // why Redshift would refuse it
	partition   loader.Partition
}

// showPlan shows what is due. It fails (Data) if something of that is refused already.
func (p *program) showPlan(steps []loader.Step, more ...detail) error {
	due := []planned{}
	counts := map[loader.Reason]int{}
	var refused error
	for _, s := range steps {
		counts[s.Reason]++
		if !s.Due() {
			continue
		}
		row := plannedOf(s)
		for _, add := range more {
			if err := add(s, &row); err != nil {
				return err
			}
		}
		if row.Problem != "" {
			refused = errors.Join(refused, loader.Fail(loader.Data, "%s: %s", row.partition, row.Problem))
		}
		due = append(due, row)
	}
	if p.asJSON {
		return firstError(refused, p.answer(map[string]any{"verb": "plan", "partitions": len(steps), "reasons": counts, "due": due, "exit_code": exitCode(refused)}))
	}
	p.showDue(due)
	p.say("%s to load of %d; %d are empty for the first time, %d unchanged, %d purged",
		plural(len(due), "partition"), len(steps), counts[loader.NoFiles], counts[loader.Unchanged], counts[loader.Retired])
	return refused
}

func plannedOf(s loader.Step) planned {
	part := s.Manifest.Partition
	row := planned{Table: part.Table, Date: part.Date, Hour: part.Hour, Reason: s.Reason, Files: len(s.Manifest.Objects), Bytes: s.Manifest.Bytes(), partition: part}
	if s.Previous != nil {
		row.FilesBefore, row.RowsBefore = s.Previous.Files, s.Previous.Rows
	}
	return row
}

func (p *program) showDue(due []planned) {
	if len(due) == 0 {
		return
	}
	rows := make([]table.Row, 0, len(due))
	for _, d := range due {
		rows = append(rows, table.Row{d.Table, d.Date, d.Hour, d.Reason, d.Files, d.Bytes, d.FilesBefore, d.RowsBefore})
	}
	p.table(table.Row{"table", "date", "hour", "why", "files", "bytes", "files loaded", "rows loaded"}, rows)
	for _, d := range due {
		if len(d.SQL) > 0 {
			p.say("\n-- %s: %s\n%s;\n", d.partition, d.Reason, strings.Join(d.SQL, ";\n"))
		}
	}
}
