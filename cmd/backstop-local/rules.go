package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"backstop/local/redshift"
	"backstop/local/redshift/dialect"
)

func (p *program) rulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rules",
		Short:   "Print what the Redshift stand-in translates, refuses and does not imitate, as Markdown",
		Example: "  backstop-local rules > docs/redshift-stand-in.md",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			return writeRules(p.stdout, redshift.Rules())
		},
	}
}

const rulesHead = `# The Redshift stand-in

A proxy before PostgreSQL that speaks its protocol and makes lib/pq and dbt-redshift believe that they talk to Redshift. It has a lexer and a table of rules; this page is that table, printed by
` + "`backstop-local rules`" + `. A test runs every example, and another holds this page against the table.

`

func writeRules(out io.Writer, rules []dialect.Rule) error {
	var page strings.Builder
	page.WriteString(rulesHead)
	for _, part := range []struct {
		outcome dialect.Outcome
		title   string
		shows   string
	}{
		{dialect.Translated, "Works as on Redshift", "gives"},
		{dialect.Refused, "Refused, as Redshift refuses it", "error"},
		{dialect.NotImitated, "Redshift knows it, the stand-in does not: refused rather than misread", "error"},
		{dialect.Differs, "Works, but not as on Redshift", "gives here"},
	} {
		fmt.Fprintf(&page, "## %s\n\n| what | example | %s | note |\n|---|---|---|---|\n", part.title, part.shows)
		for _, r := range rules {
			if r.Outcome == part.outcome {
				fmt.Fprintf(&page, "| %s | `%s` | %s | %s |\n", cell(r.Name), cell(r.Example), cell(r.Shows), cell(r.Note))
			}
		}
		page.WriteString("\n")
	}
	_, err := io.WriteString(out, strings.TrimRight(page.String(), "\n")+"\n")
	return err
}

// cell keeps a text within its cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}
