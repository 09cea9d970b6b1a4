package dialect

import (
	"fmt"
	"strings"
)

// near is the syntax error of Redshift's parser.
func near(t Token, hint string) error {
	return &Error{Code: syntaxError, Message: fmt.Sprintf("syntax error at or near %q", t.Text), Hint: hint}
}

// refuseWords makes the rule that the words, wherever they stand in a row, are a syntax error at the k-th of them.
func refuseWords(name, words string, k int, example, note string) Rule {
	sequence := strings.Fields(words)
	return Rule{Name: name, Outcome: Refused, Example: example, Note: note,
		Shows: fmt.Sprintf("syntax error at or near %q", sequence[k]),
		apply: func(s *statement) error {
			if s.catalog {
				return nil
			}
			for i := range s.tokens {
				if s.tokens.words(i, sequence...) {
					return near(s.tokens[i+k], note)
				}
			}
			return nil
		}}
}

// refuseStart makes the rule that a statement which starts so is a command that Redshift does not have.
func refuseStart(words, example, note string) Rule {
	sequence := strings.Fields(words)
	what := strings.ToUpper(words)
	return Rule{Name: what, Outcome: Refused, Example: example, Note: note,
		Shows: fmt.Sprintf("SQL command %q not supported on Redshift tables.", what),
		apply: func(s *statement) error {
			if !s.tokens.words(0, sequence...) {
				return nil
			}
			return &Error{Code: featureNotSupported, Message: fmt.Sprintf("SQL command %q not supported on Redshift tables.", what), Hint: note}
		}}
}

// refusedSyntax is the grammar that PostgreSQL has and Redshift has not.
func refusedSyntax() []Rule {
	return []Rule{
		refuseWords("ON CONFLICT", "on conflict", 0, "insert into places values (1, 'x') on conflict do nothing", "Redshift has MERGE, or delete and insert."),
		refuseWords("RETURNING", "returning", 0, "delete from places returning id", "Select the rows before."),
		refuseWords("DISTINCT ON", "distinct on", 1, "select distinct on (id) id, name from places", "Use row_number() over (partition by …) in a subquery."),
		refuseWords("FILTER (WHERE …)", "filter ( where", 1, "select count(*) filter (where id > 1) from places", "Use sum(case when … then 1 else 0 end)."),
		refuseWords("LATERAL", "lateral", 0, "select * from places p, lateral (select 1) x", "Join, or unnest SUPER: FROM t p, p.payload.items AS item."),
		refuseWords("WITH ORDINALITY", "with ordinality", 1, "select * from places p, p.extra.tags with ordinality as label", "Write: FROM t p, p.payload.items AS item AT position."),
		refuseWords("a row list in FROM", "( values", 1, "select * from (values (1), (2)) v", "Select the rows and join them with UNION ALL."),
		refuseWords("ADD COLUMN IF NOT EXISTS", "add column if not exists", 3, "alter table places add column if not exists a int", "Look into svv_columns before."),
		refuseWords("FETCH FIRST", "fetch first", 0, "select id from places fetch first 1 rows only", "Use LIMIT."),
		refuseWords("TABLESAMPLE", "tablesample", 0, "select id from places tablesample system (10)", "Use random()."),
		refuseWords("foreign key actions", "on delete cascade", 0, "create table kids (id int references places (id) on delete cascade)", "Keys are not enforced; there are no actions."),
		refuseWords("foreign key actions on update", "on update cascade", 0, "create table kids (id int references places (id) on update cascade)", "Keys are not enforced; there are no actions."),
		refuseWords("ON COMMIT", "on commit", 1, "create temp table notes (id int) on commit drop", "Drop the table; it ends with its session."),
		refuseWords("conditions in MERGE", "when matched and", 2, "merge into places using places p on places.id = p.id when matched and p.id > 1 then delete when not matched then insert (id) values (p.id)",
			"Filter the source."),
		refuseWords("NOT MATCHED BY SOURCE", "not matched by", 2, "merge into places using places p on places.id = p.id when not matched by source then delete", "Delete by a statement of its own."),
		refuseWords("INHERITS", "inherits", 0, "create table kids (id int) inherits (places)", "Redshift's tables do not inherit."),
		refuseWords("UNLOGGED", "unlogged", 0, "create unlogged table kids (id int)", "Redshift has temporary tables only."),
		refuseWords("named arguments", "=>", 0, "select lpad(string => 'a', length => 3, fill => 'x')", "Give arguments by position."),
		refuseWords("a range of array elements", "any ( array", 2, "select id from places where id = any (array[1, 2])", "Use IN (1, 2)."),
		{Name: "ARRAY[…]", Outcome: Refused, Example: "select array[1, 2] from places", Shows: `syntax error at or near "["`,
			Note: "Redshift builds SUPER arrays: array(1, 2).", apply: refuseArrayConstructor},
		{Name: "SELECT … FOR UPDATE", Outcome: Refused, Example: "select id from places for update", Shows: `syntax error at or near "for"`,
			Note: "LOCK the table, first thing in the transaction.", apply: refuseRowLock},
		{Name: "several actions in ALTER TABLE", Outcome: Refused, Example: "alter table places add column a int, add column b int",
			Shows: `syntax error at or near ","`, Note: "One column, one statement.", apply: refuseSeveralActions},
		{Name: "data-modifying WITH", Outcome: Refused, Example: "with gone as (delete from places) select 1", Shows: `syntax error at or near "delete"`,
			Note: "One statement, one effect.", apply: refuseModifyingWith},
		{Name: "bind parameters in UNLOAD and COPY", Outcome: Refused, Example: "copy places from $1 iam_role 'arn:aws:iam::000000000000:role/load' json 'auto'",
			Shows: `syntax error at or near "$1"`, Note: "Write the value into the statement, its quotes doubled."},
		refuseStart("create index", "create index by_name on places (name)", "Use SORTKEY."),
		refuseStart("create unique index", "create unique index by_name on places (name)", "Use SORTKEY; uniqueness is not enforced."),
		refuseStart("create trigger", "create trigger t after insert on places execute function f()", "Redshift has no triggers."),
		refuseStart("create sequence", "create sequence numbers", "Use IDENTITY(1, 1)."),
		refuseStart("create extension", "create extension pg_trgm", "Redshift has no extensions."),
		refuseStart("create domain", "create domain positive as int", "Redshift has no domains."),
		refuseStart("create type", "create type pair as (a int, b int)", "Redshift has no types of users."),
		refuseStart("create rule", "create rule r as on insert to places do nothing", "Redshift has no rules."),
		refuseStart("listen", "listen news", "Redshift does not notify."),
		refuseStart("notify", "notify news", "Redshift does not notify."),
		refuseStart("savepoint", "savepoint a", "Redshift's transactions are flat."),
		refuseStart("rollback to", "rollback to a", "Redshift's transactions are flat."),
		refuseStart("release", "release savepoint a", "Redshift's transactions are flat."),
		refuseStart("reindex", "reindex table places", "Redshift has no indexes; VACUUM REINDEX is for interleaved sort keys."),
		refuseStart("cluster", "cluster places", "Use SORTKEY and VACUUM."),
		refuseStart("do", "do $$ begin end $$", "Redshift has stored procedures only."),
		refuseStart("discard", "discard all", "Open a new connection."),
		refuseStart("checkpoint", "checkpoint", "Redshift looks after itself."),
	}
}

func refuseArrayConstructor(s *statement) error {
	for i := range s.tokens {
		if !s.catalog && s.tokens.words(i, "array", "[") {
			return near(s.tokens[i+1], "Redshift builds SUPER arrays: array(1, 2).")
		}
	}
	return nil
}

func refuseRowLock(s *statement) error {
	for i, t := range s.tokens {
		if t.is("for") && s.tokens.at(i+1).isAny("update", "share", "no", "key") && s.queries() < i {
			return near(t, "LOCK the table, first thing in the transaction.")
		}
	}
	return nil
}

func refuseSeveralActions(s *statement) error {
	if !s.starts("alter", "table") {
		return nil
	}
	if comma := s.tokens.find(0, len(s.tokens), ","); comma > 0 {
		return near(s.tokens[comma], "One column, one statement.")
	}
	return nil
}

func refuseModifyingWith(s *statement) error {
	if !s.starts("with") {
		return nil
	}
	for i, t := range s.tokens {
		if t.is("(") && s.tokens.at(i-1).is("as") && s.tokens.at(i+1).isAny("insert", "update", "delete", "merge") {
			return near(s.tokens[i+1], "One statement, one effect.")
		}
	}
	return nil
}

// refusedNames are operators, functions and reserved words.
func (t *Translator) refusedNames() []Rule {
	leaderOnly := "Specified types or functions (one per INFO message) not supported on Redshift tables."
	none := func(name string) string { return "function " + name + "() does not exist" }
	return []Rule{
		{Name: "JSON operators", Outcome: Refused, Example: "select extra ->> 'city' from places", Shows: "operator does not exist: ->>",
			Note: "Navigate: p.extra.city.", apply: refuseOperators},
		{Name: "containment", Outcome: Refused, Example: `select id from places where extra @> '{"a": 1}'`, Shows: "operator does not exist: @>"},
		{Name: "the path operator", Outcome: Refused, Example: "select extra #>> '{a,b}' from places", Shows: "operator does not exist: #>>"},
		{Name: "reserved words", Outcome: Refused, Example: "select id from raw.postbacks", Shows: `syntax error at or near "raw"`,
			Note: `Choose another name, or quote it: "raw".`, apply: t.checkReserved},
		{Name: "reserved words as columns", Outcome: Refused, Example: "create table notes (tag varchar(10))", Shows: `syntax error at or near "tag"`},
		{Name: "words of the grammar as names", Outcome: Refused, Example: "create table notes (partition int)", Shows: `syntax error at or near "partition"`,
			Note: "PostgreSQL takes it for a name, Redshift does not."},
		{Name: "STRING_AGG", Outcome: Refused, Example: "select string_agg(name, ',') from places", Shows: none("string_agg"),
			Note: "LISTAGG(name, ',') WITHIN GROUP (ORDER BY …).", apply: t.checkFunctions},
		{Name: "ARRAY_AGG", Outcome: Refused, Example: "select array_agg(name) from places", Shows: none("array_agg")},
		{Name: "JSONB functions", Outcome: Refused, Example: "select jsonb_build_object('id', id) from places", Shows: none("jsonb_build_object")},
		{Name: "jsonb_array_elements", Outcome: Refused, Example: "select jsonb_array_elements(extra) from places", Shows: none("jsonb_array_elements"),
			Note: "Unnest: FROM places p, p.extra.tags AS tag."},
		{Name: "to_jsonb", Outcome: Refused, Example: "select to_jsonb(name) from places", Shows: none("to_jsonb")},
		{Name: "gen_random_uuid", Outcome: Refused, Example: "select gen_random_uuid()", Shows: none("gen_random_uuid"), Note: "Make ids before loading."},
		{Name: "regexp_matches", Outcome: Refused, Example: "select regexp_matches(name, 'a') from places", Shows: none("regexp_matches"),
			Note: "REGEXP_SUBSTR, REGEXP_COUNT."},
		{Name: "string_to_array", Outcome: Refused, Example: "select string_to_array(name, ',') from places", Shows: none("string_to_array"), Note: "SPLIT_PART."},
		{Name: "format", Outcome: Refused, Example: "select format('%s', name) from places", Shows: none("format"), Note: "Join texts by ||."},
		{Name: "concat_ws", Outcome: Refused, Example: "select concat_ws('-', name, 'x') from places", Shows: none("concat_ws"), Note: "Join texts by ||."},
		{Name: "advisory locks", Outcome: Refused, Example: "select pg_advisory_lock(1)", Shows: none("pg_advisory_lock"), Note: "LOCK a small table."},
		{Name: "sha256", Outcome: Refused, Example: "select sha256(name) from places", Shows: none("sha256"), Note: "SHA2(name, 256)."},
		{Name: "generate_series with tables", Outcome: Refused, Example: "select p.id from places p, generate_series(1, 3) n", Shows: leaderOnly,
			Note: "It runs on the leader node only: keep a table of numbers."},
		{Name: "now() with tables", Outcome: Refused, Example: "select now() from places", Shows: leaderOnly, Note: "GETDATE(), SYSDATE."},
		{Name: "CURRENT_TIMESTAMP with tables", Outcome: Refused, Example: "select current_timestamp from places", Shows: leaderOnly, Note: "GETDATE(), SYSDATE.", apply: refuseLeaderWords},
	}
}

// refuseLeaderWords refuses the times without brackets that only the leader node knows.
func refuseLeaderWords(s *statement) error {
	for i := s.queries(); i < len(s.tokens) && !s.leader; i++ {
		if s.tokens[i].isAny("current_timestamp", "current_time", "localtime", "localtimestamp") && !s.tokens.at(i-1).isAny(".", "as") {
			return leaderOnly(strings.ToLower(s.tokens[i].Text))
		}
	}
	return nil
}

func leaderOnly(name string) error {
	return &Error{Code: featureNotSupported, Message: "Specified types or functions (one per INFO message) not supported on Redshift tables.",
		Hint: name + " runs on the leader node only: not in a statement that reads or writes tables."}
}

// refuseOperators refuses the operators of PostgreSQL's own types.
func refuseOperators(s *statement) error {
	if s.catalog {
		return nil
	}
	for _, t := range s.tokens {
		if t.Kind == Operator && t.isAny("->", "->>", "#>", "#>>", "@>", "<@", "?|", "?&", "@?", "@@", "&&", "#-", "-|-", "^@", "<->") {
			return &Error{Code: undefinedFunction, Message: "operator does not exist: " + t.Text, Hint: "Redshift navigates SUPER by dots: alias.column.attribute."}
		}
	}
	return nil
}

// refusedTypes are PostgreSQL's types.
func refusedTypes() []Rule {
	says := func(name string) string { return fmt.Sprintf("type %q does not exist", name) }
	return []Rule{
		{Name: "JSON types", Outcome: Refused, Example: "create table notes (body jsonb)", Shows: says("jsonb"), Note: "SUPER.", apply: refuseTypes},
		{Name: "UUID", Outcome: Refused, Example: "create table notes (id uuid)", Shows: says("uuid"), Note: "VARCHAR(36)."},
		{Name: "BYTEA", Outcome: Refused, Example: "create table notes (body bytea)", Shows: says("bytea"), Note: "VARBYTE."},
		{Name: "SERIAL", Outcome: Refused, Example: "create table notes (id serial)", Shows: says("serial"), Note: "IDENTITY(1, 1)."},
		{Name: "a cast to JSON", Outcome: Refused, Example: "select name::jsonb from places", Shows: says("jsonb"), Note: "json_parse(name)."},
		{Name: "a JSON literal", Outcome: Refused, Example: `select jsonb '{"a": 1}'`, Shows: says("jsonb"), Note: "json_parse(…)."},
		{Name: "array types", Outcome: Refused, Example: "create table notes (tags int[])", Shows: `syntax error at or near "["`, Note: "SUPER."},
		{Name: "network types", Outcome: Refused, Example: "select '10.0.0.1'::inet", Shows: says("inet"), Note: "VARCHAR."},
	}
}

func postgresType(t Token) bool {
	return t.isAny("json", "jsonb", "uuid", "bytea", "xml", "inet", "cidr", "macaddr", "macaddr8", "money", "serial", "bigserial", "smallserial",
		"serial4", "serial8", "tsvector", "tsquery", "citext", "hstore", "ltree", "int4range", "int8range", "numrange", "tsrange",
		"tstzrange", "daterange", "bit", "point", "line", "lseg", "box", "path", "polygon", "circle", "jsonpath")
}

// refuseTypes looks at the places where a type stands: behind ::, behind AS in CAST, and in column definitions.
func refuseTypes(s *statement) error {
	if s.catalog {
		return nil
	}
	for i := range s.tokens {
		if !s.typeAt(i) {
			continue
		}
		t := s.tokens[i]
		if postgresType(t) {
			return &Error{Code: undefinedObject, Message: fmt.Sprintf("type %q does not exist", strings.ToLower(t.Text)), Hint: "PostgreSQL has it, Redshift has not."}
		}
		end := i + 1
		if s.tokens.at(end).is("(") {
			end = s.tokens.closing(end) + 1
		}
		if s.tokens.at(end).is("[") {
			return near(s.tokens[end], "Redshift keeps arrays in SUPER.")
		}
	}
	return nil
}

// typeAt is true where a type's name stands.
func (s *statement) typeAt(i int) bool {
	if s.tokens[i].Kind != Word {
		return false
	}
	if s.tokens.at(i-1).is("::") || s.tokens.at(i+1).Kind == Literal && postgresType(s.tokens[i]) {
		return true
	}
	if s.tokens.at(i - 1).is("as") {
		return s.inCast(i)
	}
	return s.columnAt(i - 1)
}

// inCast is true behind the AS of CAST (x AS …).
func (s *statement) inCast(i int) bool {
	depth := 0
	for k := i - 1; k >= 0; k-- {
		switch {
		case s.tokens[k].is(")"):
			depth++
		case s.tokens[k].is("("):
			if depth--; depth < 0 {
				return s.tokens.at(k-1).is("cast") || s.tokens.at(k-1).is("try_cast")
			}
		}
	}
	return false
}
