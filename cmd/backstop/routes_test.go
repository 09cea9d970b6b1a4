package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkRoutes runs the verb and answers its exit code and what it wrote.
func checkRoutes(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"routes", "check"}, args...), strings.NewReader(""), &out, &errs, func(string) string { return "" })
	return code, out.String(), errs.String()
}

func shippedRoutes() string { return filepath.Join("..", "..", "deploy", "routes.yaml") }

func TestRoutesCheckShowsAFileThatIsRight(t *testing.T) {
	code, stdout, stderr := checkRoutes(t, shippedRoutes())
	if code != exitDone || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	for _, want := range []string{"is right (version 1-", "appsflyer_install", "tune_goal", "{+base}/aff_lsr", "live"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the table lacks %q:\n%s", want, stdout)
		}
	}
}

func TestRoutesCheckAsJSON(t *testing.T) {
	code, stdout, _ := checkRoutes(t, shippedRoutes(), "--json")
	var result routesCheck
	if err := json.Unmarshal([]byte(lastLine(stdout)), &result); err != nil || code != exitDone {
		t.Fatalf("exit %d, last line %q: %v", code, lastLine(stdout), err)
	}
	if len(result.Sources) != 6 || len(result.Destinations) != 2 || len(result.Problems) != 0 {
		t.Errorf("got %+v", result)
	}
}

func TestRoutesCheckRefuses(t *testing.T) {
	shipped, err := os.ReadFile(shippedRoutes())
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "routes.yaml")
	text := strings.NewReplacer("timeout: 5s", "timeot: 5s").Replace(string(shipped))
	if err := os.WriteFile(wrong, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"wrong keys", []string{wrong}, exitConfiguration, []string{wrong + ":", "destinations.tune.timeot: is not a known key", "use one of base_url"}},
		{"no such file", []string{filepath.Join(t.TempDir(), "none.yaml")}, exitConfiguration, []string{"none.yaml", "no such file"}},
		{"no file given", nil, exitUsage, []string{"give one routes file"}},
		{"two files", []string{"a", "b"}, exitUsage, []string{"give one routes file"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := checkRoutes(t, test.args...)
			if code != test.code {
				t.Errorf("exit %d, want %d", code, test.code)
			}
			for _, want := range test.says {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr lacks %q:\n%s", want, stderr)
				}
			}
		})
	}
	code, stdout, _ := checkRoutes(t, wrong, "--json")
	var result routesCheck
	if err := json.Unmarshal([]byte(lastLine(stdout)), &result); err != nil || code != exitConfiguration {
		t.Fatalf("exit %d, last line %q: %v", code, lastLine(stdout), err)
	}
	if len(result.Problems) != 4 || result.Problems[0].Path != "destinations.tune.timeot" || result.Problems[0].Line == 0 {
		t.Errorf("problems %+v", result.Problems)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
