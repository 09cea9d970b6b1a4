// Command benchpage makes docs/benchmarks.md: it fills a template with the results of benchmarks in Go's standard format.
//
//	benchpage TEMPLATE < RESULTS > PAGE
//
// Whoever adds a measure prints it in that format, whatever the language, and gives it a row in the template. A row whose measure is missing
// is an error, so that a page is never half measured.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/template"

	"golang.org/x/perf/benchfmt"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: benchpage TEMPLATE < RESULTS > PAGE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "benchpage: %v\n", err)
		os.Exit(1)
	}
}

func run(file string, in io.Reader, out io.Writer) error {
	found, err := read(in)
	if err != nil {
		return err
	}
	functions := template.FuncMap{"config": found.configOf, "measure": found.measure, "over": over, "atLeast": atLeast, "atMost": atMost, "row": row, "missed": missed}
	page, err := template.New(filepath.Base(file)).Funcs(functions).ParseFiles(file)
	if err != nil {
		return fmt.Errorf("read the template: %w", err)
	}
	var text bytes.Buffer // nothing is written of a page that cannot be finished
	if err := page.Execute(&text, nil); err != nil {
		return fmt.Errorf("fill the template: %w", err)
	}
	_, err = text.WriteTo(out)
	return err
}

// results are the values of each measure, in the order of the runs.
type results struct {
	config map[string]string
	values map[string]map[string][]float64 // by benchmark, without Go's suffix for the number of cores, and unit
}

func read(in io.Reader) (results, error) {
	r := results{config: map[string]string{}, values: map[string]map[string][]float64{}}
	reader := benchfmt.NewReader(in, "the results")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return r, record
		case *benchfmt.Result:
			r.add(record)
		}
	}
	return r, reader.Err()
}

func (r results) add(record *benchfmt.Result) {
	for _, c := range record.Config {
		r.config[c.Key] = string(c.Value)
	}
	base, parts := record.Name.Parts()
	name := string(base)
	for _, part := range parts {
		if part[0] == '-' {
			r.config["cores"] = string(part[1:])
			continue
		}
		name += string(part)
	}
	if r.values[name] == nil {
		r.values[name] = map[string][]float64{}
	}
	for _, v := range record.Values {
		if v.OrigUnit != "" { // the page shows what was printed
			v.Unit, v.Value = v.OrigUnit, v.OrigValue
		}
		r.values[name][v.Unit] = append(r.values[name][v.Unit], v.Value)
	}
}

// configOf is a line `key: value` of the results.
func (r results) configOf(key string) (string, error) {
	value, ok := r.config[key]
	if !ok {
		return "", fmt.Errorf("the results have no line %q", key+":")
	}
	return value, nil
}

func (r results) measure(benchmark, unit string) (sample, error) {
	values := r.values[benchmark][unit]
	if len(values) == 0 {
		return sample{}, fmt.Errorf("the results have no %s of Benchmark%s", unit, benchmark)
	}
	return newSample(values), nil
}
