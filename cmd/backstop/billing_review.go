package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"backstop/billing"
	billingredshift "backstop/billing/redshift"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

type reviewFlags struct {
	period, reason string
	limit          int

	conversions               []string
	decide, because, by, file string
}

func (p *program) billingReviewCommand() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "review",
		Short: "List what waits for a person, and record what that person decides",
		Long: "With --period: lists the conversions of a month that are in review, the most valuable first. With --decide or --file: records decisions, all or none;\n" +
			"the newest decision about a conversion counts, and takes effect with the next run of its day. The file is CSV with the header\n" +
			"conversion_id,decision,reason. No decision bills what the MMP rejects.",
		Example: "  backstop billing review --period 2026-11 --reason heuristic_fraud\n" +
			"  backstop billing review --conversion 5e884898da28047151d0e56f8dc62927 --decide billable --because \"proof of purchase\" --by \"Ada Byron\"\n" +
			"  backstop billing review --file decisions.csv --by \"Ada Byron\"",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.billingReview(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.period, "period", "", "list what is in review in this month, like 2026-11")
	cmd.Flags().StringVar(&f.reason, "reason", "", "list only what is in review for this reason")
	cmd.Flags().IntVar(&f.limit, "limit", 50, "list at most so many")
	cmd.Flags().StringSliceVar(&f.conversions, "conversion", nil, "decide about these conversion_ids")
	cmd.Flags().StringVar(&f.decide, "decide", "", "billable or not_billable")
	cmd.Flags().StringVar(&f.because, "because", "", "the reason for the decision")
	cmd.Flags().StringVar(&f.file, "file", "", "decisions as CSV")
	cmd.Flags().StringVar(&f.by, "by", "", "name of the person who decides")
	return cmd
}

func (p *program) billingReview(ctx context.Context, f reviewFlags) error {
	deciding := f.decide != "" || f.file != "" || len(f.conversions) > 0
	switch {
	case deciding && f.period != "":
		return usage("--period lists and --decide decides: leave one of them out")
	case f.decide != "" && f.file != "":
		return usage("the decisions stand in the file: leave out --decide")
	case deciding:
		return p.decide(ctx, f)
	default:
		return p.candidates(ctx, f)
	}
}

func (p *program) candidates(ctx context.Context, f reviewFlags) error {
	period, err := parsePeriod(f.period)
	if err != nil {
		return err
	}
	if f.limit < 1 {
		return usage("--limit begins at 1")
	}
	return p.withBilling(func(w *billingredshift.Warehouse) error {
		found, err := w.Candidates(ctx, period, f.reason, f.limit)
		if err != nil {
			return err
		}
		if p.asJSON {
			return p.answer(map[string]any{"verb": "billing review", "period": period.String(), "conversions": found})
		}
		if len(found) == 0 {
			p.say("nothing is in review")
			return nil
		}
		rows := make([]table.Row, 0, len(found))
		for _, c := range found {
			rows = append(rows, table.Row{c.ConversionID, c.ReportDate, c.Reason, c.Source, c.EventName, c.OfferID,
				billing.Money(c.Revenue, 2), billing.Money(c.Payout, 2), c.Currency, c.Evidence})
		}
		p.table(table.Row{"conversion", "day", "why", "source", "event", "offer", "revenue", "payout", "", "evidence"}, rows)
		return nil
	})
}

func (p *program) decide(ctx context.Context, f reviewFlags) error {
	decisions, err := f.decisions()
	if err != nil {
		return err
	}
	return p.withBilling(func(w *billingredshift.Warehouse) error {
		if err := w.Decide(ctx, decisions); err != nil {
			return err
		}
		if p.asJSON {
			return p.answer(map[string]any{"verb": "billing review", "decided": len(decisions)})
		}
		p.say("%s recorded; the next run takes over what they change", plural(len(decisions), "decision"))
		return nil
	})
}

// decisions are those of the flags or of the file, each checked.
func (f reviewFlags) decisions() ([]billing.Decision, error) {
	var decisions []billing.Decision
	for _, id := range f.conversions {
		decisions = append(decisions, billing.Decision{ConversionID: id, Verdict: f.decide, Reason: f.because, By: f.by})
	}
	if f.file != "" {
		file, err := os.Open(f.file)
		if err != nil {
			return nil, usage("--file: %w", err)
		}
		defer file.Close()
		if decisions, err = readDecisions(file, f.by); err != nil {
			return nil, usage("%s: %w", f.file, err)
		}
	}
	if len(decisions) == 0 {
		return nil, usage("say which conversions: --conversion or --file")
	}
	for _, d := range decisions {
		if err := d.Validate(); err != nil {
			return nil, usage("%w", err)
		}
	}
	return decisions, nil
}

func readDecisions(from io.Reader, by string) ([]billing.Decision, error) {
	wanted := []string{"conversion_id", "decision", "reason"}
	rows := csv.NewReader(from)
	header, err := rows.Read()
	if err != nil || !slices.Equal(header, wanted) {
		return nil, fmt.Errorf("the first line must be %v", wanted)
	}
	var decisions []billing.Decision
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return decisions, nil
		}
		if err != nil {
			return nil, err
		}
		d := billing.Decision{ConversionID: row[0], Verdict: row[1], Reason: row[2], By: by}
		if err := d.Validate(); err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		decisions = append(decisions, d)
	}
}
