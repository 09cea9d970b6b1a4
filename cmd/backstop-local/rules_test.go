package main

import (
	"bytes"
	"os"
	"testing"

	"backstop/local/redshift"
)

func TestThePageOfStandInsEndsWithTheRules(t *testing.T) {
	page, err := os.ReadFile("../../docs/stand-ins.md")
	if err != nil {
		t.Fatal(err)
	}
	var rules bytes.Buffer
	if err := writeRules(&rules, redshift.Rules()); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(page, rules.Bytes()) {
		t.Error("docs/stand-ins.md does not end with the rules: backstop-local rules --page docs/stand-ins.md")
	}
}
