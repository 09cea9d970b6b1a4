package demo

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// shownRows bounds the rows of a list of differences; the rest is counted.
const shownRows = 40

// Report prints what was played, a table a day, the money at risk, and whatever did not hold.
func Report(out io.Writer, result Result, findings Findings) {
	fmt.Fprintf(out, "\nWhat was played\n%s\n", findings.Counts)
	for _, day := range result.Days {
		printDay(out, day)
	}
	printRisks(out, findings.Risks)
	printRules(out, result.Rules)
	printMismatches(out, findings.Mismatches)
	for _, line := range findings.Imbalances {
		fmt.Fprintf(out, "does not balance: %s\n", line)
	}
	for i, leak := range findings.Leaks {
		if i == shownRows {
			fmt.Fprintf(out, "… and %d more\n", len(findings.Leaks)-i)
			break
		}
		fmt.Fprintf(out, "a log holds %s: %s line %d\n", leak.What, leak.File, leak.Line)
	}
}

func newTable(out io.Writer, title string) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetTitle(title)
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	return t
}

func printDay(out io.Writer, day Day) {
	t := newTable(out, day.Date)
	left := []table.Row{
		{"sent", day.Sent}, {"received (200)", day.Received}, {"refused (413)", day.Refused}, {"failed", day.Failed}, {"archived", day.Archived},
		{"landed", day.Landed}, {"unverified", day.Unverified}, {"forwarded to TUNE", day.Forwarded}, {"duplicates", day.Duplicates},
	}
	middle := []table.Row{
		{"conversions", day.Conversions}, {"rejected by the MMP", day.Rejected}, {"suspected fraud", day.Suspected},
		{"campaign paused", day.Paused}, {"billable", day.Billable}, {"to review", day.Review}, {"not billable", day.NotBillable},
		{"approved in TUNE", day.TuneApproved},
	}
	for _, currency := range slices.Sorted(maps.Keys(day.MoneyAtRisk)) {
		middle = append(middle, table.Row{"at risk, " + currency, day.MoneyAtRisk[currency]})
	}
	var right []table.Row
	for _, class := range slices.Sorted(maps.Keys(day.Classes)) {
		right = append(right, table.Row{class, day.Classes[class]})
	}
	t.AppendHeader(table.Row{"postbacks", "", "conversions", "", "class", ""})
	for i := range max(len(left), len(middle), len(right)) {
		t.AppendRow(slices.Concat(cells(left, i), cells(middle, i), cells(right, i)))
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, Align: text.AlignRight}, {Number: 4, Align: text.AlignRight}, {Number: 6, Align: text.AlignRight}})
	t.Render()
}

// cells are the two cells of a block's i-th row, empty below its end.
func cells(rows []table.Row, i int) table.Row {
	if i < len(rows) {
		return rows[i]
	}
	return table.Row{"", ""}
}

func printRisks(out io.Writer, risks []Risk) {
	t := newTable(out, "Money at risk by class, all days")
	t.AppendHeader(table.Row{"class", "currency", "rows", "revenue", "payout"})
	for _, r := range risks {
		t.AppendRow(table.Row{r.Class, r.Currency, r.Rows, r.Revenue, r.Payout})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, Align: text.AlignRight}, {Number: 4, Align: text.AlignRight}, {Number: 5, Align: text.AlignRight}})
	t.Render()
}

func printRules(out io.Writer, rules []RuleScore) {
	t := newTable(out, "Heuristic fraud rules against what was planted, all days")
	t.AppendHeader(table.Row{"rule", "", "hits", "planted", "precision", "recall"})
	for _, r := range rules {
		t.AppendRow(table.Row{r.Rule, r.Name, r.Hits, r.Planted, percent(r.Precision), percent(r.Recall)})
	}
	var right []table.ColumnConfig
	for column := 3; column <= 6; column++ {
		right = append(right, table.ColumnConfig{Number: column, Align: text.AlignRight})
	}
	t.SetColumnConfigs(right)
	t.Render()
}

func percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100**share)
}

func printMismatches(out io.Writer, mismatches []Mismatch) {
	if len(mismatches) == 0 {
		return
	}
	t := newTable(out, fmt.Sprintf("%d values differ from what happened", len(mismatches)))
	t.AppendHeader(table.Row{"id", "planted", "column", "happened", "the marts say"})
	for i, m := range mismatches {
		if i == shownRows {
			t.AppendFooter(table.Row{fmt.Sprintf("… and %d more", len(mismatches)-i)})
			break
		}
		t.AppendRow(table.Row{m.ID, m.Kind, m.Column, m.Want, m.Got})
	}
	t.Render()
}
