// Package backstop_test holds the rules of the tree: who may import whom, and where the process may be touched.
package backstop_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "backstop/"

// pkg is the part of `go list -json` that the rules need.
type pkg struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func (p pkg) within(folder string) bool {
	return p.name() == folder || strings.HasPrefix(p.name(), folder+"/")
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
}

func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".") && first != "backstop"
}

func domains() []string { return []string{"ingest", "loader", "billing"} }

// direction is one rule over one import; it answers why the import is wrong, or "".
type direction func(p pkg, imported string) string

func domainsUseTheStandardLibrary(p pkg, imported string) string {
	if slices.Contains(domains(), p.name()) && !standard(imported) {
		return "a domain package imports the standard library only"
	}
	return ""
}

func adaptersKnowTheirDomainOnly(p pkg, imported string) string {
	for _, domain := range domains() {
		if !strings.HasPrefix(p.name(), domain+"/") || !strings.HasPrefix(imported, module) {
			continue
		}
		if imported != module+domain {
			return "an adapter imports its own domain package, never a sibling nor another domain"
		}
	}
	return ""
}

func nothingImportsCommands(_ pkg, imported string) string {
	if strings.HasPrefix(imported, module+"cmd/") {
		return "nothing imports cmd"
	}
	return ""
}

func onlyTheBenchImportsStandIns(p pkg, imported string) string {
	if strings.HasPrefix(imported, module+"local/") && !p.within("local") && !p.within("cmd/backstop-local") {
		return "only cmd/backstop-local (and tests) import local"
	}
	return ""
}

// The stand-ins make the events that the functions get, so they have its types, too.
func lambdaRuntimeStaysAtTheEdge(p pkg, imported string) string {
	if strings.HasPrefix(imported, "github.com/aws/aws-lambda-go") && !p.within("ingest/events") && !p.within("cmd") && !p.within("local") {
		return "aws-lambda-go belongs in ingest/events and cmd"
	}
	return ""
}

func awsSDKStaysInAdapters(p pkg, imported string) string {
	adapter := strings.HasPrefix(p.name(), "ingest/") || strings.HasPrefix(p.name(), "loader/")
	if strings.HasPrefix(imported, "github.com/aws/aws-sdk-go-v2") && !adapter && !p.within("cmd") && !p.within("local") {
		return "the AWS SDK belongs in adapters and cmd"
	}
	return ""
}

func sqlStaysInTheWarehouseAdapter(p pkg, imported string) string {
	sql := imported == "database/sql" || strings.HasPrefix(imported, "github.com/jmoiron/sqlx") || strings.HasPrefix(imported, "github.com/lib/pq")
	if sql && !p.within("loader/redshift") && !p.within("billing/redshift") && !p.within("cmd") && !p.within("local") {
		return "database/sql belongs in loader/redshift, billing/redshift and cmd"
	}
	return ""
}

func flagsStayInCommands(p pkg, imported string) string {
	if (imported == "flag" || strings.HasPrefix(imported, "github.com/spf13/")) && !p.within("cmd") {
		return "flags belong in cmd"
	}
	return ""
}

func TestImportsFollowTheDirectionRules(t *testing.T) {
	rules := []direction{
		domainsUseTheStandardLibrary, adaptersKnowTheirDomainOnly, nothingImportsCommands, onlyTheBenchImportsStandIns,
		lambdaRuntimeStaysAtTheEdge, awsSDKStaysInAdapters, sqlStaysInTheWarehouseAdapter, flagsStayInCommands,
	}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for _, rule := range rules {
				if why := rule(p, imported); why != "" {
					t.Errorf("%s imports %s: %s", p.ImportPath, imported, why)
				}
			}
		}
	}
}

// The rules themselves must be able to fail: each refuses one planted import.
func TestDirectionRulesRefusePlantedImports(t *testing.T) {
	planted := []struct {
		from, imports string
		rule          direction
	}{
		{"ingest", "github.com/lib/pq", domainsUseTheStandardLibrary},
		{"ingest/sqs", "backstop/ingest/s3", adaptersKnowTheirDomainOnly},
		{"billing/redshift", "backstop/loader", adaptersKnowTheirDomainOnly},
		{"ingest/sqs", "backstop/loader", adaptersKnowTheirDomainOnly},
		{"local/demo", "backstop/cmd/backstop", nothingImportsCommands},
		{"cmd/forward", "backstop/local/sqs", onlyTheBenchImportsStandIns},
		{"ingest/sqs", "github.com/aws/aws-lambda-go/events", lambdaRuntimeStaysAtTheEdge},
		{"loader", "github.com/aws/aws-sdk-go-v2/aws", awsSDKStaysInAdapters},
		{"loader/s3", "database/sql", sqlStaysInTheWarehouseAdapter},
		{"loader/s3", "flag", flagsStayInCommands},
	}
	for _, plant := range planted {
		p := pkg{ImportPath: path.Join(module, plant.from)}
		if plant.rule(p, plant.imports) == "" {
			t.Errorf("the rule lets %s import %s", plant.from, plant.imports)
		}
	}
}
