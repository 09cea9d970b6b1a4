package main

import (
	"context"
	"time"

	"backstop/billing"
	billingredshift "backstop/billing/redshift"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (p *program) billingStatusCommand() *cobra.Command {
	var period string
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show each period's lines, adjustments and what waits for a person",
		Example: "  backstop billing status\n  backstop billing status --period 2026-11 --json",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.billingStatus(cmd.Context(), period) },
	}
	cmd.Flags().StringVar(&period, "period", "", "only this month, like 2026-11")
	return cmd
}

func (p *program) billingStatus(ctx context.Context, period string) error {
	if period != "" {
		if _, err := parsePeriod(period); err != nil {
			return err
		}
	}
	return p.withBilling(func(w *billingredshift.Warehouse) error {
		state, err := w.Status(ctx, period)
		if err != nil {
			return err
		}
		if p.asJSON {
			return p.answer(struct {
				Verb string `json:"verb"`
				billingredshift.State
			}{"billing status", state})
		}
		if len(state.Sums)+len(state.Review) == 0 {
			p.say("nothing to invoice")
			return nil
		}
		p.showSums(state.Sums)
		p.showWaiting(state.Review)
		for _, c := range state.Closings {
			p.say("%s was closed by %s at %s UTC. %s", c.Period, c.By, c.At.Format(time.DateTime), c.Note)
		}
		return nil
	})
}

func (p *program) showSums(sums []billing.Sum) {
	rows := make([]table.Row, 0, len(sums))
	for _, s := range sums {
		rows = append(rows, table.Row{s.Period, s.Status, s.PartyType, s.Currency, s.Parties, s.Lines, s.Conversions,
			billing.Money(s.Regular, 2), billing.Money(s.Adjustments, 2), billing.Money(s.Amount, 2)})
	}
	p.table(table.Row{"period", "status", "side", "currency", "parties", "lines", "conversions", "regular", "adjustments", "amount"}, rows)
}

func (p *program) showWaiting(waiting []billing.Waiting) {
	if len(waiting) == 0 {
		p.say("nothing is in review")
		return
	}
	rows := make([]table.Row, 0, len(waiting))
	for _, w := range waiting {
		rows = append(rows, table.Row{w.Period, w.Reason, w.Currency, w.Conversions, billing.Money(w.Revenue, 2), billing.Money(w.Payout, 2)})
	}
	p.say("in review, not invoiced:")
	p.table(table.Row{"period", "why", "currency", "conversions", "revenue", "payout"}, rows)
}
