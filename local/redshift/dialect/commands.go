package dialect

import (
	"fmt"
	"strings"
)

// commandRules refuse what Redshift has no command for, and the parts of its commands that only PostgreSQL has.
// Source: Amazon Redshift Database Developer Guide, "SQL commands".
func commandRules() []Rule {
	return []Rule{
		{Name: "other commands", Outcome: Refused, Example: "table places", Shows: `syntax error at or near "table"`, Note: "Redshift has no such command.", apply: refuseCommands},
		{Name: "VALUES as a query", Outcome: Refused, Example: "values (1), (2)", Shows: `syntax error at or near "values"`, Note: "Select the rows and join them with UNION ALL."},
		{Name: "creating other things", Outcome: Refused, Example: "create aggregate last (int) (sfunc = int4pl, stype = int)", Shows: `SQL command "CREATE AGGREGATE" not supported on Redshift tables.`,
			Note: "Also operators, casts, collations, policies of PostgreSQL's kind, publications, tablespaces.", apply: refuseCreations},
		{Name: "temporary views", Outcome: Refused, Example: "create temporary view few as select 1", Shows: `syntax error at or near "view"`, Note: "Make a temporary table, or a view."},
		{Name: "PARTITION BY of tables", Outcome: Refused, Example: "create table notes (id int) partition by range (id)", Shows: `syntax error at or near "partition"`,
			Note: "Redshift's tables have a sort key instead.", apply: refuseDefinitions},
		{Name: "CHECK of a column", Outcome: Refused, Example: "create table notes (id int check (id > 0))", Shows: "CHECK constraints are not supported", Note: "Test the data instead."},
		{Name: "CHECK that is added later", Outcome: Refused, Example: "alter table places add check (id > 0)", Shows: "CHECK constraints are not supported", Note: "Test the data instead."},
		refuseWords("generated columns", "generated always", 1, "create table notes (a int, b int generated always as (a * 2) stored)", "Compute it in the query."),
		refuseWords("ORDER BY … USING", "using <", 0, "select id from places order by id using <", "Write asc or desc."),
	}
}

func refuseCommands(s *statement) error {
	first := s.tokens.at(0)
	if first.Kind == Word && !first.isAny("abort", "alter", "analyze", "begin", "call", "cancel", "close", "comment", "commit", "copy", "create", "deallocate", "declare",
		"delete", "desc", "drop", "end", "execute", "explain", "fetch", "grant", "insert", "lock", "merge", "prepare", "refresh", "reset", "revoke", "rollback",
		"select", "set", "show", "start", "truncate", "unload", "update", "use", "vacuum", "with") {
		return near(first, "Redshift has no such command.")
	}
	return nil
}

func refuseCreations(s *statement) error {
	if !s.starts("create") {
		return nil
	}
	i := 1
	if s.tokens.words(i, "or", "replace") {
		i += 2
	}
	if s.tokens.at(i).isAny("local", "temp", "temporary") {
		for s.tokens.at(i).isAny("local", "temp", "temporary") {
			i++
		}
		if !s.tokens.at(i).is("table") {
			return near(s.tokens.at(i), "Make a temporary table, or a view.")
		}
	}
	if !s.tokens.at(i).isAny("database", "datashare", "external", "function", "group", "identity", "library", "masking", "materialized", "model", "procedure", "rls", "role",
		"schema", "table", "user", "view") {
		what := "CREATE " + strings.ToUpper(s.tokens.at(i).Text)
		return &Error{Code: featureNotSupported, Message: fmt.Sprintf("SQL command %q not supported on Redshift tables.", what), Hint: "Redshift has nothing of that kind."}
	}
	return nil
}

func refuseDefinitions(s *statement) error {
	check := &Error{Code: featureNotSupported, Message: "CHECK constraints are not supported", Hint: "Test the data instead."}
	if s.starts("alter", "table") {
		if i := s.tokens.find(0, len(s.tokens), "check"); i > 0 && s.tokens.at(i+1).is("(") {
			return check
		}
		return nil
	}
	open, end, ok := s.columns()
	if !ok {
		return nil
	}
	for i := open + 1; i < end; i++ {
		if s.tokens.words(i, "check", "(") && s.level(open, i) == 1 {
			return check
		}
	}
	if at := s.tokens.find(end+1, len(s.tokens), "partition"); at > 0 {
		return near(s.tokens[at], "Redshift's tables have a sort key instead.")
	}
	return nil
}
