package main

import (
	"errors"

	"backstop/billing"
	billingredshift "backstop/billing/redshift"
	"backstop/loader"
	"backstop/loader/redshift"

	"github.com/spf13/cobra"
)

func (p *program) billingCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "billing",
		Short: "Decide, close and export what is invoiced",
		Long: "Works on the marts that the last finished run left. What is in review is never invoiced; a closed line never changes, and what changes in a\n" +
			"closed period is an adjustment in the period that is open.",
		Example: "  backstop billing status\n  backstop billing review --period 2026-11\n  backstop billing close --period 2026-11 --by \"Ada Byron\" --dry-run\n  backstop billing export --period 2026-11 --out invoices",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.billingStatusCommand(), p.billingReviewCommand(), p.billingCloseCommand(), p.billingExportCommand())
	return cmd
}

// withBilling opens the billing tables, and gives what goes wrong with them its class: what the facts do not allow is a matter of data.
func (p *program) withBilling(work func(*billingredshift.Warehouse) error) error {
	return p.withWarehouse(func(w *redshift.Warehouse) error {
		err := work(billingredshift.New(w.DB()))
		var refusal *billing.Refusal
		var wrong usageError
		switch {
		case err == nil, errors.As(err, &wrong):
			return err
		case errors.As(err, &refusal):
			return loader.Fail(loader.Data, "%w", err)
		default:
			return redshift.Classified(err)
		}
	})
}

// parsePeriod reads the flag --period.
func parsePeriod(text string) (billing.Period, error) {
	if text == "" {
		return billing.Period{}, usage("say which month: --period 2026-11")
	}
	period, err := billing.ParsePeriod(text)
	if err != nil {
		return period, usage("--period: %w", err)
	}
	return period, nil
}
