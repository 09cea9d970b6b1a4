package backstop_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// processCalls are the ways to touch the process: its environment and its end belong to cmd.
func processCalls() map[string]bool {
	return map[string]bool{
		"os.Getenv": true, "os.LookupEnv": true, "os.Environ": true, "os.Setenv": true, "os.Exit": true,
		"log.Fatal": true, "log.Fatalf": true, "log.Fatalln": true,
	}
}

func TestProcessIsTouchedInCommandsOnly(t *testing.T) {
	for _, p := range packages(t) {
		for file, tree := range parsed(t, p) {
			for _, complaint := range houseComplaints(tree, p.within("cmd") || p.within("local")) {
				t.Errorf("%s: %s", file, complaint)
			}
		}
	}
}

func parsed(t *testing.T, p pkg) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	for _, name := range p.GoFiles {
		file := filepath.Join(p.Dir, name)
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatalf("parse %s: %v", file, err)
		}
		files[file] = tree
	}
	return files
}

func houseComplaints(tree *ast.File, edge bool) []string {
	var complaints []string
	for _, decl := range tree.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				complaints = append(complaints, "func init() hides work from its caller: call it from main")
			}
		case *ast.GenDecl:
			complaints = append(complaints, unsetVariables(d)...)
		}
	}
	variables := packageVariables(tree)
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if call := selector(n.Fun); !edge && processCalls()[call] {
				complaints = append(complaints, call+" belongs in cmd")
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if name := assigned(left, variables); name != "" {
					complaints = append(complaints, "the package variable "+name+" is assigned: pass it as a value")
				}
			}
		}
		return true
	})
	return complaints
}

// unsetVariables finds package variables without a value: they exist only to be changed later.
func unsetVariables(d *ast.GenDecl) []string {
	var complaints []string
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || d.Tok != token.VAR || len(v.Values) > 0 || embedded(d, v) {
			continue
		}
		complaints = append(complaints, "the package variable "+v.Names[0].Name+" has no value of its own")
	}
	return complaints
}

func embedded(d *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, group := range []*ast.CommentGroup{d.Doc, v.Doc} {
		if group == nil {
			continue
		}
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:embed") {
				return true
			}
		}
	}
	return false
}

func packageVariables(tree *ast.File) map[*ast.ValueSpec]bool {
	found := map[*ast.ValueSpec]bool{}
	for _, decl := range tree.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				found[spec.(*ast.ValueSpec)] = true
			}
		}
	}
	return found
}

// assigned names the package variable that an assignment's left side changes, also through an index or a field.
func assigned(left ast.Expr, variables map[*ast.ValueSpec]bool) string {
	switch e := left.(type) {
	case *ast.IndexExpr:
		return assigned(e.X, variables)
	case *ast.SelectorExpr:
		return assigned(e.X, variables)
	case *ast.Ident:
		if e.Obj == nil {
			return ""
		}
		if spec, ok := e.Obj.Decl.(*ast.ValueSpec); ok && variables[spec] {
			return e.Name
		}
	}
	return ""
}

func selector(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}

func TestHouseRulesRefusePlantedCode(t *testing.T) {
	planted := map[string]string{
		"init":     "package p\nfunc init() {}",
		"unset":    "package p\nvar state map[string]int",
		"assigned": "package p\nvar table = map[string]int{}\nfunc f() { table[\"a\"] = 1 }",
		"exit":     "package p\nimport \"os\"\nfunc f() { os.Exit(1) }",
		"env":      "package p\nimport \"os\"\nfunc f() string { return os.Getenv(\"A\") }",
	}
	for name, source := range planted {
		tree, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments)
		if err != nil {
			t.Fatalf("parse the planted %s: %v", name, err)
		}
		if len(houseComplaints(tree, false)) == 0 {
			t.Errorf("the planted %s passes", name)
		}
	}
}
