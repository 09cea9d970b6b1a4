package main

import (
	"context"
	"strings"
	"time"

	"backstop/billing"
	billingredshift "backstop/billing/redshift"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

type closeFlags struct {
	period, by, note string
	dryRun, force    bool
}

func (p *program) billingCloseCommand() *cobra.Command {
	var f closeFlags
	cmd := &cobra.Command{
		Use:   "close",
		Short: "Book the lines of a month for good",
		Long: "Copies the open lines of a month, and the conversions that they are made of, to the closed ones. Closed lines never change: what is found later\n" +
			"is an adjustment in the month that is open then. Refused (exit 30) while an earlier month is open, data or TUNE's answers are missing, or it is\n" +
			"too early for the MMPs to be done; --force overrides and keeps the objections in the note. A month that is closed already stays as it is.",
		Example: "  backstop billing close --period 2026-11 --by \"Ada Byron\" --dry-run\n  backstop billing close --period 2026-11 --by \"Ada Byron\" --note \"agreed with the advertisers\"",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.billingClose(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.period, "period", "", "the month, like 2026-11")
	cmd.Flags().StringVar(&f.by, "by", "", "name of the person who answers for it")
	cmd.Flags().StringVar(&f.note, "note", "", "what should be remembered about it")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be booked and what stands against it, and book nothing")
	cmd.Flags().BoolVar(&f.force, "force", false, "close in spite of objections")
	return cmd
}

func (p *program) billingClose(ctx context.Context, f closeFlags) error {
	period, err := parsePeriod(f.period)
	if err != nil {
		return err
	}
	if strings.TrimSpace(f.by) == "" {
		return usage("say who closes it: --by \"Ada Byron\"")
	}
	zone, err := p.timeZone()
	if err != nil {
		return err
	}
	return p.withBilling(func(w *billingredshift.Warehouse) error {
		closed, err := w.Close(ctx, billing.Closing{
			ID: uuid.NewString(), Period: period, By: f.by, Note: f.note, Zone: zone, Force: f.force, DryRun: f.dryRun,
		})
		if err != nil {
			return err
		}
		return p.showClosed(f, closed)
	})
}

func (p *program) showClosed(f closeFlags, closed billing.Closed) error {
	if p.asJSON {
		return p.answer(struct {
			Verb   string `json:"verb"`
			DryRun bool   `json:"dry_run"`
			billing.Closed
		}{"billing close", f.dryRun, closed})
	}
	p.showSums(closed.Sums)
	if closed.Already {
		p.say("%s was closed by %s at %s UTC; nothing was booked again", closed.Period, closed.By, closed.At.Format(time.DateTime))
		return nil
	}
	p.showWaiting(closed.Review)
	for _, objection := range closed.Objections {
		p.say("against it: %s", objection)
	}
	verb := "closed"
	if f.dryRun {
		verb = "would be closed"
	}
	p.say("%s %s: %d lines of %d items", closed.Period, verb, closed.Lines, closed.Items)
	return nil
}
