package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const printed = `date: 2026-11-26
goos: linux
cpu: A machine
BenchmarkDay-4         	       1	         0.9 of-plain	    235196 rows/s
BenchmarkDay-4         	       1	         0.5 of-plain	    100000 rows/s
BenchmarkDay-4         	       1	         0.7 of-plain	    200000 rows/s
PASS
ok  	backstop/loader/redshift	43.986s
BenchmarkLoad/rows=400000-4   1  30.5 stand-in-MB
BenchmarkLoad/rows=4000000-4  1  61 stand-in-MB
`

func fill(t *testing.T, page string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(file, strings.NewReader(printed), &out)
	return out.String(), err
}

func TestRowsShowTheMedianTheRangeAndTheTarget(t *testing.T) {
	for page, want := range map[string]string{
		`{{config "cpu"}}, {{config "cores"}} cores, {{config "date"}}`:                                                             "A machine, 4 cores, 2026-11-26",
		`{{row "rows/s" (measure "Day" "rows/s")}}`:                                                                                 "| rows/s | 200,000 (100,000 to 235,000) |  |",
		`{{row "of plain" (measure "Day" "of-plain") (atLeast 0.8)}}`:                                                               "| of plain | 0.7 (0.5 to 0.9) | at least 0.8: **missed** |",
		`{{row "of plain" (measure "Day" "of-plain") (atMost 0.8)}}`:                                                                "| of plain | 0.7 (0.5 to 0.9) | at most 0.8: met |",
		`{{row "flat" (over (measure "Load/rows=4000000" "stand-in-MB") (measure "Load/rows=400000" "stand-in-MB")) (atMost 1.2)}}`: "| flat | 2 | at most 1.2: **missed** |",
		`{{if missed (measure "Day" "of-plain") (atLeast 0.8)}}Because.{{end}}`:                                                     "Because.",
	} {
		if got, err := fill(t, page); err != nil || got != want {
			t.Errorf("%s\n got %q, %v\nwant %q", page, got, err, want)
		}
	}
}

func TestAPageWithoutAllItsMeasuresIsNotWritten(t *testing.T) {
	for page, words := range map[string]string{
		`before {{row "x" (measure "Plan" "s")}}`: "no s of BenchmarkPlan",
		`before {{row "x" (measure "Day" "s")}}`:  "no s of BenchmarkDay",
		`before {{config "commit"}}`:              `no line "commit:"`,
	} {
		if got, err := fill(t, page); err == nil || !strings.Contains(err.Error(), words) || got != "" {
			t.Errorf("%s: %q, %v", page, got, err)
		}
	}
}
