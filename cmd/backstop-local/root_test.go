package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

// call runs the program as a shell does, in this checkout.
func call(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs, os.Getenv)
	return code, out.String() + errs.String()
}

func TestWrongCallsSayWhatIsWrong(t *testing.T) {
	for _, wrong := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"demo", "--days", "0"}, exitUsage, "begin at 1"},
		{[]string{"demo", "--dayz", "3"}, exitUsage, "unknown flag: --dayz"},
		{[]string{"demo", "now"}, exitUsage, `unexpected "now"`},
		{[]string{"exec"}, exitUsage, "name a program"},
	} {
		if code, said := call(t, wrong.args...); code != wrong.code || !strings.Contains(said, wrong.says) {
			t.Errorf("%v ends with %d and says %q, want %d and %q", wrong.args, code, said, wrong.code, wrong.says)
		}
	}
}

func TestUnknownTimeZoneIsNamed(t *testing.T) {
	var out, errs bytes.Buffer
	getenv := func(name string) string {
		if name == "BACKSTOP_TIME_ZONE" {
			return "Mars/Olympus"
		}
		return os.Getenv(name)
	}
	code := run(t.Context(), []string{"redshift"}, &out, &errs, getenv)
	if code != exitConfiguration || !strings.Contains(errs.String(), `BACKSTOP_TIME_ZONE="Mars/Olympus"`) {
		t.Errorf("an unknown time zone ends with %d and says %q", code, errs.String())
	}
}

// A port that is taken is named, and what had started before it is stopped again.
func TestTakenPortIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for _, flag := range []string{"--s3-port", "--warehouse-port"} {
		code, said := call(t, "redshift", flag, fmt.Sprint(port))
		if code != exitConfiguration || !strings.Contains(said, fmt.Sprintf("port %d", port)) || !strings.Contains(said, "is in use") {
			t.Errorf("%s: a taken port ends with %d and says %q", flag, code, said)
		}
	}
}
