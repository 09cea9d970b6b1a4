package dialect

// nothing is a statement of PostgreSQL's that has no effect and returns no rows.
const nothing = "do 'begin end'"

// alterRules are about ALTER TABLE. They come before the rules of CREATE TABLE, which take attributes out.
func alterRules() []Rule {
	return []Rule{
		{Name: "ALTER TABLE … ALTER SORTKEY, DISTKEY, ENCODE", Outcome: Translated, Example: "alter table places alter sortkey (id); alter table places alter column name encode zstd; select count(*) from places", Shows: "2",
			Note: "Accepted, without effect.", apply: alterStorage},
		{Name: "keys that are added later", Outcome: Translated, Example: "alter table places add constraint one_id primary key (id); insert into places (id) values (1); select count(*) from places", Shows: "3",
			Note: "Accepted, not enforced."},
		{Name: "widening a column", Outcome: Translated, Example: "alter table places alter column name type varchar(40); select count(*) from places", Shows: "2", Note: "Not inside a transaction."},
		{Name: "NOT NULL, defaults and schemas that are changed later", Outcome: Refused, Example: "alter table places alter column id set not null", Shows: `syntax error at or near "set"`,
			Note: "Make a new table and copy.", apply: refuseAlter},
		{Name: "a column that is needed and has no default", Outcome: Refused, Example: "alter table places add column town varchar(20) not null",
			Shows: "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression", Note: "Give it a DEFAULT."},
		{Name: "widening a column in a transaction", Outcome: Refused, Example: "begin; alter table places alter column name type varchar(40)",
			Shows: "ALTER TABLE ALTER COLUMN cannot run inside a transaction block", Note: "Run it by itself."},
	}
}

// refuseAlter refuses what only PostgreSQL can change in place.
func refuseAlter(s *statement) error {
	if !s.starts("alter", "table") {
		return nil
	}
	i := s.tokens.dotted(2)
	switch {
	case s.tokens.at(i).is("set") && s.tokens.at(i+1).is("schema"):
		return near(s.tokens[i+1], "Make a new table and copy.")
	case s.tokens.words(i, "alter", "column") && s.tokens.at(i+3).isAny("set", "drop"):
		return near(s.tokens[i+3], "Make a new table and copy.")
	case s.tokens.words(i, "add", "column") && s.tokens.find(i, len(s.tokens), "not") > 0 && s.tokens.find(i, len(s.tokens), "default") < 0:
		return &Error{Code: featureNotSupported, Message: "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression", Hint: "Give it a DEFAULT."}
	}
	return nil
}

// alterStorage makes a change of what has no effect here a statement without effect.
func alterStorage(s *statement) error {
	if !s.starts("alter", "table") {
		return nil
	}
	i := s.tokens.dotted(2)
	storage := s.tokens.at(i).is("alter") && (s.tokens.at(i+1).isAny("sortkey", "distkey", "diststyle", "compound", "interleaved", "encode") ||
		s.tokens.at(i+1).is("column") && s.tokens.at(i+3).is("encode"))
	if s.tokens.at(i).is("add") && s.tokens.at(i+1).is("constraint") {
		i += 2
	}
	key := s.tokens.at(i+1).isAny("primary", "unique", "foreign") && (s.tokens.at(i).is("add") || s.tokens.at(i-2).is("add"))
	if storage || key {
		s.replace(0, len(s.tokens), nothing)
		s.tag = "ALTER TABLE"
	}
	return nil
}

// altersColumn is true for what Redshift runs outside of transactions only.
func altersColumn(ts Tokens) bool {
	if !ts.words(0, "alter", "table") {
		return false
	}
	i := ts.dotted(2)
	return ts.words(i, "alter", "column") && ts.at(i+3).is("type")
}
