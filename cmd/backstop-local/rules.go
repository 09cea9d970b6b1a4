package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"backstop/local/redshift"
	"backstop/local/redshift/dialect"
)

func (p *program) rulesCommand() *cobra.Command {
	var page string
	cmd := &cobra.Command{
		Use:     "rules",
		Short:   "Print what the Redshift stand-in translates, refuses and does not imitate, as Markdown",
		Example: "  backstop-local rules\n  backstop-local rules --page docs/stand-ins.md",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			if page == "" {
				return writeRules(p.stdout, redshift.Rules())
			}
			return renewRules(page)
		},
	}
	cmd.Flags().StringVar(&page, "page", "", "replace the last part of this page, which is these rules, instead of printing them")
	return cmd
}

const rulesTitle = "## Redshift, rule by rule\n"

const rulesHead = rulesTitle + `
A proxy before PostgreSQL that speaks its protocol and makes lib/pq and dbt-redshift believe that they talk to Redshift. It has a lexer and a table of rules; this part of the page is that table, as
` + "`backstop-local rules`" + ` prints it. A test runs every example, and another holds the page against the table.

`

func renewRules(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return usageError{err}
	}
	before, _, _ := strings.Cut(string(text), rulesTitle)
	var whole strings.Builder
	whole.WriteString(before)
	if err := writeRules(&whole, redshift.Rules()); err != nil {
		return err
	}
	if err := os.WriteFile(page, []byte(whole.String()), 0o644); err != nil {
		return fmt.Errorf("write the rules: %w", err)
	}
	return nil
}

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
		fmt.Fprintf(&page, "### %s\n\n| what | example | %s | note |\n|---|---|---|---|\n", part.title, part.shows)
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
