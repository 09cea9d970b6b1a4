package main

import (
	"bytes"
	"os"
	"testing"

	"backstop/local/redshift"
)

func TestPageOfTheRedshiftStandInIsItsRules(t *testing.T) {
	page, err := os.ReadFile("../../docs/redshift-stand-in.md")
	if err != nil {
		t.Fatal(err)
	}
	var rules bytes.Buffer
	if err := writeRules(&rules, redshift.Rules()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, rules.Bytes()) {
		t.Error("docs/redshift-stand-in.md is not what `backstop-local rules` prints: write it anew")
	}
}
