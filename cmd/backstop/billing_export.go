package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"backstop/billing"
	billingredshift "backstop/billing/redshift"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

type exportFlags struct{ period, party, out string }

func (p *program) billingExportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write invoices as CSV, each with its detail by click id",
		Long: "Writes two files a party: its lines, and the conversions that they are made of. Of a closed month that is what was booked; of an open one a\n" +
			"draft of what would be booked now, and its files say so. A text that a spreadsheet would take for a formula begins with an apostrophe.",
		Example: "  backstop billing export --period 2026-11 --out invoices\n  backstop billing export --period 2026-11 --party affiliate:2002 --out invoices",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.billingExport(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.period, "period", "", "the month, like 2026-11")
	cmd.Flags().StringVar(&f.party, "party", "", "only this party, like affiliate:2002 or advertiser:301 (default: all)")
	cmd.Flags().StringVar(&f.out, "out", ".", "folder for the files; it is made")
	return cmd
}

// invoiceFiles is what was written about one party.
type invoiceFiles struct {
	Party billing.Party `json:"party"`
	Lines string        `json:"lines_file"`
	Items string        `json:"items_file"`
	Rows  int           `json:"items"`
}

func (p *program) billingExport(ctx context.Context, f exportFlags) error {
	period, err := parsePeriod(f.period)
	if err != nil {
		return err
	}
	return p.withBilling(func(w *billingredshift.Warehouse) error {
		parties, err := f.parties(ctx, w, period)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(f.out, 0o755); err != nil {
			return usage("--out: %w", err)
		}
		written := []invoiceFiles{}
		step, done := p.progress(len(parties), "exporting")
		defer done()
		for _, party := range parties {
			files, err := exportInvoice(ctx, w, period, party, f.out)
			if err != nil {
				return err
			}
			written = append(written, files)
			step()
		}
		return p.showExport(period, written)
	})
}

func (f exportFlags) parties(ctx context.Context, w *billingredshift.Warehouse, period billing.Period) ([]billing.Party, error) {
	all, err := w.Parties(ctx, period)
	if err != nil || f.party == "" {
		return all, err
	}
	for _, party := range all {
		if party.String() == f.party {
			return []billing.Party{party}, nil
		}
	}
	return nil, billing.Refuse("%s has no line in %s; `backstop billing export --period %s` without --party writes all that there are", f.party, period, period)
}

func exportInvoice(ctx context.Context, w *billingredshift.Warehouse, period billing.Period, party billing.Party, folder string) (invoiceFiles, error) {
	lines, err := w.Lines(ctx, period, party)
	if err != nil {
		return invoiceFiles{}, err
	}
	state := "closed"
	decimals := map[string]int{}
	for _, l := range lines {
		decimals[l.Currency] = l.Decimals
		if l.Status == "open" {
			state = "draft"
		}
	}
	name := filepath.Join(folder, fmt.Sprintf("%s_%s_%s_%s", period, party.Type, fileName(party.ID), state))
	files := invoiceFiles{Party: party, Lines: name + ".csv", Items: name + "_detail.csv"}
	if err := writeCSV(files.Lines, lineHeader(), func(write func([]string) error) error {
		for _, l := range lines {
			if err := write(lineRow(l)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return files, err
	}
	err = writeCSV(files.Items, itemHeader(), func(write func([]string) error) error {
		return w.EachItem(ctx, period, party, func(i billing.Item) error {
			files.Rows++
			return write(itemRow(i, decimals[i.Currency]))
		})
	})
	return files, err
}

func lineHeader() []string {
	return []string{"status", "period", "origin_period", "kind", "offer_id", "goal_id", "payout_type", "conversions", "rate", "amount", "currency", "reason", "line_id"}
}

func lineRow(l billing.Line) []string {
	rate := ""
	if l.Rate != nil {
		rate = billing.Money(*l.Rate, l.Decimals)
	}
	return []string{l.Status, l.Period, l.OriginPeriod, l.Kind, plainText(l.OfferID), plainText(l.GoalID), l.PayoutType, strconv.FormatInt(l.Conversions, 10), rate,
		billing.Money(l.Amount, l.Decimals), l.Currency, l.Reason, l.LineID}
}

func itemHeader() []string {
	return []string{"report_date", "click_id", "event_name", "offer_id", "goal_id", "conversions", "amount", "currency", "reason", "conversion_id", "line_id"}
}

func itemRow(i billing.Item, decimals int) []string {
	return []string{i.ReportDate, plainText(i.ClickID), plainText(i.EventName), plainText(i.OfferID), plainText(i.GoalID), strconv.Itoa(i.Conversions),
		billing.Money(i.Amount, decimals), i.Currency, i.Reason, i.ConversionID, i.LineID}
}

// writeCSV writes beside the file and puts it in place once it is whole.
func writeCSV(name string, header []string, rows func(write func([]string) error) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(name), ".export-*")
	if err != nil {
		return usage("--out: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	out := csv.NewWriter(file)
	if err := errors.Join(out.Write(header), rows(out.Write)); err != nil {
		return errors.Join(err, file.Close())
	}
	out.Flush()
	if err := errors.Join(out.Error(), file.Chmod(0o644), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(file.Name(), name)
}

// plainText keeps a spreadsheet from taking words that came from outside for a formula (OWASP, CSV injection).
func plainText(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// fileName keeps letters, digits, dot and dash of an id that came from outside.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, id)
}

func (p *program) showExport(period billing.Period, written []invoiceFiles) error {
	if p.asJSON {
		return p.answer(map[string]any{"verb": "billing export", "period": period.String(), "invoices": written})
	}
	if len(written) == 0 {
		p.say("%s has no lines", period)
		return nil
	}
	rows := make([]table.Row, 0, len(written))
	for _, f := range written {
		rows = append(rows, table.Row{f.Party, f.Rows, f.Lines, f.Items})
	}
	p.table(table.Row{"party", "items", "lines", "detail"}, rows)
	return nil
}
