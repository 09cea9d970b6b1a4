package main

import (
	"context"

	"backstop/loader"
	"backstop/loader/redshift"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (p *program) planCommand() *cobra.Command {
	var f rangeFlags
	cmd := &cobra.Command{
		Use:     "plan",
		Short:   "Say what a load would do and why",
		Example: "  backstop plan --date 2026-11-19\n  backstop plan --from 2026-11-01 --to 2026-11-19 --table postbacks --json",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.plan(cmd.Context(), f) },
	}
	f.add(cmd)
	return cmd
}

func (p *program) plan(ctx context.Context, f rangeFlags) error {
	chosen, err := f.chosen(p.now())
	if err != nil {
		return err
	}
	l, closeAll, err := p.newLoader(ctx, redshift.BeforeCommit, false)
	if err != nil {
		return err
	}
	defer closeAll()
	steps, err := l.Plan(ctx, chosen)
	if err != nil {
		return err
	}
	return p.showPlan(steps)
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
}

func (p *program) showPlan(steps []loader.Step) error {
	due := []planned{}
	counts := map[loader.Reason]int{}
	for _, s := range steps {
		counts[s.Reason]++
		if !s.Due() {
			continue
		}
		part := s.Manifest.Partition
		row := planned{Table: part.Table, Date: part.Date, Hour: part.Hour, Reason: s.Reason, Files: len(s.Manifest.Objects), Bytes: s.Manifest.Bytes()}
		if s.Previous != nil {
			row.FilesBefore, row.RowsBefore = s.Previous.Files, s.Previous.Rows
		}
		due = append(due, row)
	}
	if p.asJSON {
		return p.answer(map[string]any{"verb": "plan", "partitions": len(steps), "reasons": counts, "due": due})
	}
	if len(due) > 0 {
		rows := make([]table.Row, 0, len(due))
		for _, d := range due {
			rows = append(rows, table.Row{d.Table, d.Date, d.Hour, d.Reason, d.Files, d.Bytes, d.FilesBefore, d.RowsBefore})
		}
		p.table(table.Row{"table", "date", "hour", "why", "files", "bytes", "files loaded", "rows loaded"}, rows)
	}
	p.say("%s to load of %d; %d are empty for the first time, %d unchanged, %d purged",
		plural(len(due), "partition"), len(steps), counts[loader.NoFiles], counts[loader.Unchanged], counts[loader.Retired])
	return nil
}
