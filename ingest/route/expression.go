package route

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"backstop/ingest"
)

// facts are what a condition may ask. A parameter that was not sent reads as empty text; `"name" in params` tells the two apart.
type facts struct {
	Source   string            `expr:"source"`
	Params   map[string]string `expr:"params"`
	Verified bool              `expr:"verified"`
}

// variableFacts are what a variable may be made of: the facts and the postback's own id.
type variableFacts struct {
	facts
	PostbackID string `expr:"postback_id"`
}

func factsOf(p ingest.Postback) variableFacts {
	return variableFacts{
		facts:      facts{Source: p.Source, Params: p.Params().First(), Verified: p.Verified()},
		PostbackID: p.ID,
	}
}

// language is what expressions know beyond their facts. An expression depends on the postback alone, so there is no clock in it.
func language() []expr.Option {
	return []expr.Option{
		expr.DisableBuiltin("now"),
		expr.Function("sent", func(args ...any) (any, error) { return sent(args[0].(string)), nil }, sent),
		expr.Function("yes", func(args ...any) (any, error) { return yes(args[0].(string)), nil }, yes),
	}
}

// sent is false for what an MMP writes where it has nothing: an empty text, the word null, a macro that nobody filled in ({x}, (x), ${(x)!}).
func sent(value string) bool {
	value = strings.Trim(value, " ")
	macro := strings.TrimPrefix(value, "$")
	unresolved := len(macro) > 1 && strings.ContainsRune("{(", rune(macro[0])) && strings.ContainsRune("})", rune(macro[len(macro)-1]))
	return value != "" && !strings.EqualFold(value, "null") && !unresolved
}

// yes reads a flag.
func yes(value string) bool {
	return slices.Contains([]string{"1", "true", "yes"}, strings.ToLower(strings.Trim(value, " ")))
}

// condition is a yes or no about a postback. The zero value says no.
type condition struct{ program *vm.Program }

func compileCondition(text string) (condition, error) {
	program, err := expr.Compile(text, append(language(), expr.Env(facts{}), expr.AsBool())...)
	return condition{program}, err
}

// holds is false also where the condition cannot be evaluated for this postback, such as int(params.x) of a text.
func (c condition) holds(f facts) bool {
	if c.program == nil {
		return false
	}
	answer, err := expr.Run(c.program, f)
	return err == nil && answer == true
}

// variable is a value for a URL template.
type variable struct{ program *vm.Program }

func compileVariable(text string) (variable, error) {
	program, err := expr.Compile(text, append(language(), expr.Env(variableFacts{}))...)
	return variable{program}, err
}

// value is empty where the expression has no value for this postback.
func (v variable) value(f variableFacts) string {
	value, err := expr.Run(v.program, f)
	if err != nil || value == nil {
		return ""
	}
	return fmt.Sprint(value)
}
