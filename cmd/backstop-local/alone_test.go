package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// block is a fenced piece of a page: its language, the file that it is kept as, its text.
type block struct{ language, file, text string }

// blocks are a page's, in order.
func blocks(page string) []block {
	var out []block
	for n, part := range strings.Split(page, "\n```") {
		if n%2 == 0 {
			continue
		}
		info, text, _ := strings.Cut(part, "\n")
		language, file, _ := strings.Cut(info, " ")
		out = append(out, block{language, file, text + "\n"})
	}
	return out
}

// The page about the stand-in alone is run: its files are written, its commands are one shell's, and what it says that they print, they print.
func TestThePageOfTheStandInAloneIsTrue(t *testing.T) {
	page, err := os.ReadFile("../../docs/redshift-alone.md")
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	if err := os.Chmod(filepath.Dir(work), 0o755); err != nil { // root's PostgreSQL runs as another user
		t.Fatal(err)
	}
	const mark = "=== the next block"
	script := "set -eu\ntrap 'kill $! 2>/dev/null || true' EXIT\n"
	var wants []string
	for _, b := range blocks(string(page)) {
		switch {
		case b.language == "sh":
			script += b.text + "echo '" + mark + "'\n"
			wants = append(wants, "")
		case b.language == "text" && len(wants) > 0:
			wants[len(wants)-1] = b.text
		case b.file != "":
			write(t, filepath.Join(work, b.file), b.text)
		default:
			t.Fatalf("a block that no test runs: %s\n%s", b.language, b.text)
		}
	}
	shell := exec.CommandContext(t.Context(), "bash", "-c", script)
	shell.Dir = "../.."
	shell.Env = append(os.Environ(), "WORK="+work, "DBT_TARGET_PATH="+work+"/target", "DBT_LOG_PATH="+work+"/logs")
	var complaints bytes.Buffer
	shell.Stderr = &complaints
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("the page's commands: %v\n%s\n%s", err, out, complaints.Bytes())
	}
	answers := strings.Split(string(out), mark+"\n")
	for i, want := range wants {
		if i >= len(answers) || answers[i] != want {
			t.Errorf("block %d prints\n%s\nthe page says\n%s", i+1, answers[i], want)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
