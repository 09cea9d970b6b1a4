package redshift

import (
	"os"
	"strings"
	"testing"

	"backstop/loader"
)

func TestTheTextOfCopy(t *testing.T) {
	golden, err := os.ReadFile("testdata/copy.sql")
	if err != nil {
		t.Fatal(err)
	}
	got, err := copyStatement("s3://archive/manifests/postbacks/dt=2026-11-19/hr=14/it's.manifest", "arn:aws:iam::000000000000:role/copy", "us-east-1", 0)
	if err != nil || got != strings.TrimSpace(string(golden)) {
		t.Errorf("err %v\ngot  %s\nwant %s", err, got, golden)
	}
}

// COPY gives up when the errors reach MAXERROR, so that the text has one more than are tolerated.
func TestToleratedErrorsInTheTextOfCopy(t *testing.T) {
	for tolerated, words := range map[int]string{0: " MAXERROR 0 ", 1: " MAXERROR 2 ", 10: " MAXERROR 11 ", MostErrors: " MAXERROR 100000 "} {
		if got, err := copyStatement("s3://archive/m", "role", "us-east-1", tolerated); err != nil || !strings.Contains(got, words) {
			t.Errorf("%d tolerated: %s, err %v", tolerated, got, err)
		}
	}
	for _, tolerated := range []int{-1, MostErrors + 1} {
		if _, err := copyStatement("s3://archive/m", "role", "us-east-1", tolerated); err == nil {
			t.Errorf("%d can be tolerated", tolerated)
		}
	}
}

func TestLiteralsThatCouldBeReadInTwoWaysAreRefused(t *testing.T) {
	for _, value := range []string{"", `a\'b`, "a\nb", "a\x00b"} {
		if _, err := copyStatement("s3://archive/m", value, "us-east-1", 0); loader.ClassOf(err) != loader.Configuration {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// What people see of a bad line shows its form and none of its content.
func TestMaskedLinesShowTheirFormOnly(t *testing.T) {
	got := mask(around(`{"idfa":"6D92078A-8246","ip":"203.0.113.9"`, 100))
	if want := `xxxx":"9x99999x-9999","xx":"999.9.999.9"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if strings.Contains(mask("ıdfa-漢-É-٣"), "漢") {
		t.Error("letters outside ASCII pass")
	}
}
