package route

import (
	"fmt"

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

// condition is a yes or no about a postback. The zero value says no.
type condition struct{ program *vm.Program }

func compileCondition(text string) (condition, error) {
	program, err := expr.Compile(text, expr.Env(facts{}), expr.AsBool(), expr.DisableBuiltin("now"))
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
	program, err := expr.Compile(text, expr.Env(variableFacts{}), expr.DisableBuiltin("now"))
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
