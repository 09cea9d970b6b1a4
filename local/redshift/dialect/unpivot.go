package dialect

import (
	"fmt"
	"strings"
)

// unpivot rewrites FROM t p, UNPIVOT p.payload.params AS v [AT k]: v becomes a column that holds one value of the object, k its key.
func unpivot(s *statement) error {
	if s.catalog {
		return nil
	}
	for i := 0; i < len(s.tokens); i++ {
		if !s.unpivots(i) {
			continue
		}
		if err := s.unpivotOne(i); err != nil {
			return err
		}
	}
	return nil
}

// unpivots is true at the word before an object; anywhere else it is a reserved word.
func (s *statement) unpivots(i int) bool {
	return s.tokens[i].is("unpivot") && s.tokens.at(i+1).isName() && !s.tokens.at(i-1).is(".")
}

func (s *statement) unpivotOne(at int) error {
	object, end := s.superAt(at + 1)
	if !s.tokens.at(end).is("as") || !s.tokens.at(end+1).isName() {
		return notImitated("UNPIVOT without a name for the value", "write: UNPIVOT "+s.tokens.text(at+1, end)+" AS value AT attribute")
	}
	value, attribute := s.tokens[end+1].Text, quoteName("attribute")
	alias := quoteName(elementsOf(s.tokens[end+1].name()))
	end += 2
	if s.tokens.at(end).is("at") && s.tokens.at(end+1).isName() {
		attribute, end = s.tokens[end+1].Text, end+2
	}
	s.replace(at, end, fmt.Sprintf("lateral (select value as %s, attribute as %s from super_attributes(%s)) as %s", value, attribute, object, alias))
	return nil
}

// superAt reads the SUPER value that is named from i on, in the way of a FROM clause: alias.column and the path into it, or an element that
// was unnested before. It gives PostgreSQL's text for it and the index behind it.
func (s *statement) superAt(i int) (sql string, end int) {
	parts := 2
	if s.unnested(s.tokens[i].name()) {
		parts = 1
	}
	end = i + 2*parts - 1
	p := path{column: s.tokens.text(i, end)}
	for {
		switch {
		case s.tokens.at(end).is(".") && s.tokens.at(end+1).isName():
			p.steps, end = append(p.steps, "'"+strings.ReplaceAll(s.tokens[end+1].name(), "'", "''")+"'"), end+2
		case s.tokens.at(end).is("[") && s.tokens.at(end+1).Kind == Number && s.tokens.at(end+2).is("]"):
			p.steps, end = append(p.steps, s.tokens[end+1].Text), end+3
		default:
			return p.sql(), end
		}
	}
}
