package dialect

import (
	"slices"
	"strings"
)

// relation is one item of a FROM clause.
type relation struct {
	start, end int      // tokens of its name; equal for a subquery
	name       []string // its dotted name
	alias      string   // what the rest of the query calls it; empty for none
	aliasEnd   int      // index behind the alias
	afterComma bool     // it follows a comma, not FROM or JOIN
}

// scope is what the FROM clauses of a statement name. It does not tell the statement's levels apart: an alias counts
// everywhere in its statement.
type scope struct {
	relations  []relation
	subqueries []string // names of WITH
}

// scan finds the items of all FROM clauses, also in subqueries, and the targets of INSERT, UPDATE, DELETE and MERGE.
func scan(ts Tokens) scope {
	var s scope
	type level struct{ from, expression bool }
	levels := []level{{}}
	for i, t := range ts {
		top := &levels[len(levels)-1]
		switch {
		case t.is("("):
			join := s.opensJoin(ts, i)
			levels = append(levels, level{from: join, expression: ts.at(i-1).isAny("extract", "trim", "substring", "overlay", "position")})
			if join {
				s.add(ts, i+1, false)
			}
		case t.is(")") && len(levels) > 1:
			levels = levels[:len(levels)-1]
		case t.is("from") && !top.expression && !(ts.at(i-1).is("distinct") && ts.at(i-2).isAny("is", "not")):
			top.from = true
			s.add(ts, i+1, false)
		case t.is("join"):
			s.add(ts, i+1, false)
		case t.is(",") && top.from:
			s.add(ts, i+1, true)
		case t.isAny("where", "group", "order", "having", "limit", "union", "except", "intersect", "minus", "window", "select", "set", "qualify"):
			top.from = false
		case t.is("into") || t.is("update") && i == 0 || t.is("using") && !ts.at(i+1).is("(") && ts.at(0).isAny("delete", "merge"):
			s.add(ts, i+1, false)
		case t.is("as") && ts.at(i+1).is("(") && ts.at(i-1).isName() && ts.at(i+2).isAny("select", "with", "("):
			s.subqueries = append(s.subqueries, ts[i-1].name())
		}
	}
	return s
}

// opensJoin is true for the bracket of FROM (a JOIN b …).
func (s scope) opensJoin(ts Tokens, open int) bool {
	return ts.at(open-1).isAny("from", "join") && !ts.at(open+1).isAny("select", "with", "values", "(")
}

func (s *scope) add(ts Tokens, i int, afterComma bool) {
	if ts.at(i).is("lateral") {
		i++
	}
	r := relation{start: i, end: i, afterComma: afterComma}
	switch {
	case ts.at(i).is("("):
		r.start = ts.closing(i) + 1
		r.end = r.start
	case ts.at(i).isName():
		r.end = ts.dotted(i)
		for k := i; k < r.end; k += 2 {
			r.name = append(r.name, ts[k].name())
		}
		if ts.at(r.end).is("(") && !ts.at(i-1).is("into") { // a function
			r.name = nil
			r.end = ts.closing(r.end) + 1
		}
	default:
		return
	}
	s.alias(ts, &r)
	s.relations = append(s.relations, r)
}

func (s *scope) alias(ts Tokens, r *relation) {
	r.aliasEnd = r.end
	switch {
	case ts.at(r.end).is("as") && ts.at(r.end+1).isName():
		r.alias, r.aliasEnd = ts[r.end+1].name(), r.end+2
	case ts.at(r.end).Kind == Quoted, ts.at(r.end).Kind == Word && !endsItem(ts[r.end]):
		r.alias, r.aliasEnd = ts[r.end].name(), r.end+1
	case len(r.name) > 0:
		r.alias = r.name[len(r.name)-1]
	}
}

// endsItem is true for the words that can follow a table without being its alias.
func endsItem(t Token) bool {
	return t.isAny("where", "group", "order", "having", "limit", "union", "except", "intersect", "minus", "window", "join", "inner",
		"left", "right", "full", "cross", "natural", "on", "using", "set", "select", "values", "default", "when", "qualify", "offset",
		"fetch", "for", "returning", "pivot", "unpivot", "at", "as", "with")
}

// dotted is the index behind the name a.b.c that starts at i.
func (ts Tokens) dotted(i int) int {
	end := i + 1
	for ts.at(end).is(".") && ts.at(end+1).isName() {
		end += 2
	}
	return end
}

// named finds the alias.
func (s scope) named(alias string) bool {
	for _, r := range s.relations {
		if r.alias == alias {
			return true
		}
	}
	return false
}

// qualified finds the table that a column's prefix names: an alias, or a table without one together with its schema.
func (s scope) qualified(prefix []string) bool {
	if len(prefix) == 1 {
		return s.named(prefix[0])
	}
	for _, r := range s.relations {
		if n := len(r.name) - len(prefix); n >= 0 && slices.Equal(r.name[n:], prefix) && r.alias == prefix[len(prefix)-1] {
			return true
		}
	}
	return false
}

// onlyCatalog is true when every table that is read belongs to the system.
func (s scope) onlyCatalog() bool {
	for _, r := range s.relations {
		if len(r.name) > 0 && !systemTable(r.name) && !(len(r.name) == 1 && s.subquery(r.name[0])) {
			return false
		}
	}
	return true
}

func (s scope) anyTable() bool {
	for _, r := range s.relations {
		if len(r.name) > 0 && systemTable(r.name) {
			return true
		}
	}
	return false
}

func (s scope) subquery(name string) bool {
	for _, q := range s.subqueries {
		if q == name {
			return true
		}
	}
	return false
}

func systemTable(name []string) bool {
	table := name[len(name)-1]
	if len(name) > 1 {
		schema := name[len(name)-2]
		return schema == "pg_catalog" || schema == "information_schema"
	}
	for _, prefix := range []string{"pg_", "svv_", "svl_", "stl_", "stv_", "sys_", "svcs_"} {
		if strings.HasPrefix(table, prefix) {
			return true
		}
	}
	return false
}
