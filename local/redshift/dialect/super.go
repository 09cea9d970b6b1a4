package dialect

import (
	"fmt"
	"strings"
)

// path is the way into a SUPER value: column, attributes and indexes, as it stands at tokens[start:end].
type path struct {
	start, end int
	column     string
	steps      []string // an attribute as 'name', an index as a number
}

// sql is the path as calls of the functions that Bootstrap installs. They give NULL for whatever is not there, as
// Redshift does by default (navigate_super_null_on_error).
func (p path) sql() string {
	out := p.column
	for _, step := range p.steps {
		if step[0] == '\'' {
			out = fmt.Sprintf("super_attribute(%s, %s)", out, step)
		} else {
			out = fmt.Sprintf("super_element(%s, %s)", out, step)
		}
	}
	return "super_or_null(" + out + ")"
}

// readPath reads a dotted, possibly indexed name at i and decides which part of it is the column. ok is false when it is
// no path into a SUPER value: a plain column, a function, a table.
func (s *statement) readPath(i int) (p path, ok bool) {
	ts := s.tokens
	if !ts.at(i).isName() || ts.at(i-1).is(".") || keyword(ts[i]) {
		return path{}, false
	}
	parts, end := 1, i+1
	p.start = i
	var steps []string
	for {
		switch {
		case ts.at(end).is(".") && ts.at(end+1).isName():
			steps = append(steps, "'"+strings.ReplaceAll(ts[end+1].name(), "'", "''")+"'")
			end += 2
			continue
		case ts.at(end).is("[") && ts.at(end+1).Kind == Number && ts.at(end+2).is("]"):
			steps = append(steps, ts[end+1].Text)
			end += 3
			continue
		}
		break
	}
	if ts.at(end).is("(") || ts.at(end).is(".") {
		return path{}, false
	}
	parts += s.columnParts(i, steps)
	if len(steps) < parts {
		return path{}, false
	}
	p.end, p.steps = end, steps[parts-1:]
	p.column = ts.text(i, i+2*parts-1)
	return p, true
}

// columnParts is how many of the steps behind the first name still belong to the column's name: one behind an alias, one
// more for each schema or database before the table's name.
func (s *statement) columnParts(i int, steps []string) int {
	names := []string{s.tokens[i].name()}
	for _, step := range steps {
		if step[0] != '\'' {
			break
		}
		names = append(names, strings.Trim(step, "'"))
	}
	for n := len(names) - 1; n > 0; n-- {
		if s.tables().qualified(names[:n]) {
			return n
		}
	}
	return 0
}

// keyword is true for words after which a bracket or a dot means something else than a path.
func keyword(t Token) bool { return t.Kind == Word && t.isAny("array", "any", "all", "some") }

// navigate rewrites every path into SUPER: p.payload.params."clickid"[0] becomes calls that follow it.
func navigate(s *statement) error {
	if s.catalog {
		return nil
	}
	for i := s.queries(); i < len(s.tokens); i++ {
		if s.inTableName(i) {
			continue
		}
		p, ok := s.readPath(i)
		if !ok {
			continue
		}
		s.replace(p.start, p.end, p.sql())
	}
	return nil
}

// inTableName is true at a token of a FROM clause's table name, where dots mean schemas.
func (s *statement) inTableName(i int) bool {
	for _, r := range s.tables().relations {
		if i >= r.start && i < r.end && len(r.name) > 0 {
			return true
		}
	}
	return false
}

// unnest rewrites FROM t p, p.payload.items AS o [AT i]: o becomes a column that holds one element of the array.
func unnest(s *statement) error {
	if s.catalog {
		return nil
	}
	for n := 0; n < len(s.tables().relations); n++ {
		r := s.tables().relations[n]
		if len(r.name) < 2 || !s.namedBefore(n, r.name[0]) {
			continue
		}
		if err := s.unnestOne(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *statement) namedBefore(n int, alias string) bool {
	return scope{relations: s.tables().relations[:n]}.named(alias) || s.unnested(alias)
}

// unnested is true for the element that an earlier unnesting has already turned into a column.
func (s *statement) unnested(alias string) bool { return s.tables().named(elementsOf(alias)) }

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func elementsOf(alias string) string { return "elements of " + alias }

func (s *statement) unnestOne(r relation) error {
	p := path{start: r.start, end: r.end}
	first := 2 // alias.column, then attributes
	if s.unnested(r.name[0]) {
		first = 1 // the element itself is a column
	}
	p.column = s.tokens.text(r.start, r.start+2*first-1)
	for k := first; k < len(r.name); k++ {
		p.steps = append(p.steps, "'"+strings.ReplaceAll(r.name[k], "'", "''")+"'")
	}
	if r.aliasEnd == r.end {
		return notImitated("unnesting without a name for the element", "write: FROM "+s.tokens.text(r.start, r.end)+" AS element")
	}
	alias, end := s.tokens[r.aliasEnd-1].Text, r.aliasEnd
	if strings.HasPrefix(r.alias, "elements of ") {
		return nil
	}
	index := ""
	if s.tokens.at(end).is("at") && s.tokens.at(end+1).isName() {
		index, end = s.tokens[end+1].Text, end+2
	}
	source := p.column
	if len(p.steps) > 0 {
		source = p.sql()
	}
	sql := fmt.Sprintf("lateral super_elements(%s) as %s(%s)", source, quoteName(elementsOf(r.alias)), alias)
	if index != "" {
		sql = fmt.Sprintf("lateral (select value as %s, position - 1 as %s from super_elements(%s) with ordinality as e(value, position)) as %s",
			alias, index, source, quoteName(elementsOf(r.alias)))
	}
	s.replace(r.start, end, sql)
	return nil
}
