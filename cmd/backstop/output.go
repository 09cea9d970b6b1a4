package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	pretty "github.com/jedib0t/go-pretty/v6/text"
	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// answer writes the result as one line of JSON.
func (p *program) answer(result any) error {
	line, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("write the result as JSON: %w", err)
	}
	p.answered = true
	_, err = fmt.Fprintln(p.stdout, string(line))
	return err
}

// say writes a line for people; with --json, stdout belongs to the result.
func (p *program) say(format string, args ...any) {
	out := p.stdout
	if p.asJSON {
		out = p.stderr
	}
	fmt.Fprintf(out, format+"\n", args...)
}

// table draws rows; numbers stand at the right.
func (p *program) table(header table.Row, rows []table.Row) {
	t := table.NewWriter()
	t.SetOutputMirror(p.stdout)
	t.SetStyle(table.StyleLight)
	t.AppendHeader(header)
	t.AppendRows(rows)
	var columns []table.ColumnConfig
	for i := range header {
		if slices.ContainsFunc(rows, func(row table.Row) bool { return isNumber(row[i]) }) {
			columns = append(columns, table.ColumnConfig{Number: i + 1, Align: pretty.AlignRight})
		}
	}
	t.SetColumnConfigs(columns)
	t.Render()
}

func isNumber(cell any) bool {
	switch cell.(type) {
	case int, int64, count:
		return true
	default:
		return false
	}
}

// count is a number that does not show when it is 0, so that the eye finds what is there.
type count struct {
	n      int
	colors pretty.Colors
}

func (c count) String() string {
	if c.n == 0 {
		return ""
	}
	return c.colors.Sprint(c.n)
}

// red is a count that stands out on a terminal.
func (p *program) red(n int) count {
	if !terminal(p.stdout) {
		return count{n: n}
	}
	return count{n, pretty.Colors{pretty.FgRed}}
}

// progress gives a function that counts one step of the total; a bar shows it on a terminal, nothing elsewhere.
func (p *program) progress(total int, what string) (step func(), done func()) {
	if !terminal(p.stderr) || total == 0 {
		return func() {}, func() {}
	}
	bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	return func() { _ = bar.Add(1) }, func() { _ = bar.Finish() } // a bar that cannot be drawn must not stop the work
}

func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
