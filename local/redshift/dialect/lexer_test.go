package dialect

import (
	"strings"
	"testing"
)

func TestLexer(t *testing.T) {
	for _, c := range []struct{ sql, tokens string }{
		{`select 1`, "select|1"},
		{`a.b::int`, "a|.|b|::|int"},
		{`x=-1`, "x|=|-|1"},
		{`a--b`, "a"},
		{`a /* x /* y */ z */ b`, "a|b"},
		{`'it''s' "a""b"`, `'it''s'|"a""b"`},
		{`'a\'b'`, `E'a\'b'`},
		{`E'\n'`, `E'\n'`},
		{`$1 $$ ; $$ $x$ '$x$`, "$1|$$ ; $$|$x$ '$x$"},
		{`1.5e-3 .5 1..2`, "1.5e-3|.5|1|.|.2"},
		{`a->>'b'`, `a|->>|'b'`},
		{`é_1$`, "é_1$"},
		{`p.payload."a"[0]`, `p|.|payload|.|"a"|[|0|]`},
		{`a<=b||c`, "a|<=|b||||c"},
		{`2*/*x*/3`, "2|*|3"},
	} {
		tokens, err := lex(c.sql)
		if err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		var texts []string
		for _, token := range tokens {
			texts = append(texts, token.Text)
		}
		if got := strings.Join(texts, "|"); got != c.tokens {
			t.Errorf("%s: %s, want %s", c.sql, got, c.tokens)
		}
	}
}

func TestUnendingTextsAreErrors(t *testing.T) {
	for _, sql := range []string{`'a`, `'a\'`, `"a`, `/* a`, `$$ a`, `""`, `E'`} {
		if _, err := lex(sql); err == nil {
			t.Errorf("%s: no error", sql)
		}
	}
}

func TestStatementsAreCutAtSemicolons(t *testing.T) {
	tokens, err := lex("/* one; */ select ';' ;; select ($$;$$); -- end;")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range statements(tokens) {
		got = append(got, s.String())
	}
	if want := "/* one; */ select ';'| select ($$;$$)"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The lexer loses nothing but what follows the last token, and a translation never fails otherwise than by an *Error.
func FuzzTranslate(f *testing.F) {
	translator := New()
	for _, rule := range translator.Rules() {
		f.Add(rule.Example)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		tokens, err := lex(sql)
		if err == nil && !strings.Contains(sql, `\`) && !strings.HasPrefix(sql, tokens.String()) {
			t.Errorf("%q became %q", sql, tokens.String())
		}
		if _, err := translator.Translate(sql); err != nil {
			if _, ok := err.(*Error); !ok {
				t.Errorf("%q: %T %v", sql, err, err)
			}
		}
	})
}
