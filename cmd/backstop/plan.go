package main

import (
	"context"
	"strings"

	"backstop/loader"
	"backstop/loader/redshift"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (p *program) planCommand() *cobra.Command {
	var f rangeFlags
	var withSQL bool
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Say what a load would do and why",
		Long: "Lists the partitions that a load would replace, each with its reason. With --sql also the transaction of each, statement by\n" +
			"statement; what exists only while it runs stands in angle brackets, like <load_id>. Nothing is changed.",
		Example: "  backstop plan --date 2026-11-19\n  backstop plan --from 2026-11-01 --to 2026-11-19 --table postbacks --json\n  backstop plan --date 2026-11-19 --hour 14 --sql",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.plan(cmd.Context(), f, withSQL) },
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&withSQL, "sql", false, "show the SQL of each partition's transaction")
	return cmd
}

func (p *program) plan(ctx context.Context, f rangeFlags, withSQL bool) error {
	chosen, err := f.chosen(p.now())
	if err != nil {
		return err
	}
	if withSQL {
		if err := p.require(envWarehouse, envArchive, envCopyRole, envRegion); err != nil {
			return err
		}
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
	if !withSQL {
		return p.showPlan(steps, nil)
	}
	return p.showPlan(steps, l.sql)
}

// sql is the transaction that would load the step.
func (o *opened) sql(step loader.Step) ([]string, error) {
	const loadID = "<load_id>"
	r := loader.Replacement{LoadID: loadID, Manifest: step.Manifest}
	if len(step.Manifest.Objects) > 0 {
		r.ManifestURL = o.archive.ManifestURL(loadID, step.Manifest)
	}
	return o.warehouse.SQL(r)
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
	partition   loader.Partition
}

// showPlan shows what is due; sql, if given, adds the statements.
func (p *program) showPlan(steps []loader.Step, sql func(loader.Step) ([]string, error)) error {
	due := []planned{}
	counts := map[loader.Reason]int{}
	for _, s := range steps {
		counts[s.Reason]++
		if !s.Due() {
			continue
		}
		row := plannedOf(s)
		if sql != nil {
			statements, err := sql(s)
			if err != nil {
				return err
			}
			row.SQL = statements
		}
		due = append(due, row)
	}
	if p.asJSON {
		return p.answer(map[string]any{"verb": "plan", "partitions": len(steps), "reasons": counts, "due": due})
	}
	p.showDue(due)
	p.say("%s to load of %d; %d are empty for the first time, %d unchanged, %d purged",
		plural(len(due), "partition"), len(steps), counts[loader.NoFiles], counts[loader.Unchanged], counts[loader.Retired])
	return nil
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
