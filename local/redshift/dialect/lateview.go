package dialect

import "strings"

// lateViewRules come last: they wrap the translated query of a view.
func lateViewRules() []Rule {
	return []Rule{
		{Name: "WITH NO SCHEMA BINDING", Outcome: Translated,
			Example: "create table notes (id int); create view late as select id from notes with no schema binding; drop table notes; create table notes (id int); insert into notes values (9); select id from late",
			Shows:   "9", Note: "The tables may go and come under it.", apply: lateBinding},
		{Name: "late-binding views over what is missing", Outcome: Translated,
			Example: "create view late as select id from notes with no schema binding; create table notes (id int); insert into notes values (9); select id from late", Shows: "9"},
		{Name: "a late-binding view whose tables are missing", Outcome: Translated,
			Example: "create view late as select id from notes with no schema binding; select * from late", Shows: `relation "notes" does not exist`},
		{Name: "replacing a late-binding view", Outcome: Translated,
			Example: "create view late as select id from places with no schema binding; create or replace view late as select name from places with no schema binding; select max(name) from late", Shows: "Berlin"},
	}
}

// lateBinding turns CREATE VIEW … WITH NO SCHEMA BINDING into a call of the function that makes such views.
func lateBinding(s *statement) error {
	n := len(s.tokens)
	if !s.starts("create") || n < 7 || !s.tokens.words(n-4, "with", "no", "schema", "binding") {
		return nil
	}
	replacing, at := "false", 1
	if s.tokens.words(1, "or", "replace") {
		replacing, at = "true", 3
	}
	if !s.tokens.at(at).is("view") {
		return nil
	}
	end := s.tokens.dotted(at + 1)
	if !s.tokens.at(end).is("as") {
		return notImitated("late-binding views with a list of columns", "Name the columns in the query.")
	}
	var name []string
	for k := at + 1; k < end; k += 2 {
		name = append(name, quoteText(s.tokens[k].name()))
	}
	block := "begin perform redshift.create_late_view(array[" + strings.Join(name, ", ") + "], " +
		quoteText(s.tokens.text(end+1, n-4)) + ", " + replacing + "); end"
	s.replace(0, n, "do "+quoteText(block))
	s.tag = "CREATE VIEW"
	return nil
}

// quoteText writes any text as a literal that PostgreSQL reads back unchanged.
func quoteText(text string) string {
	return "E'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(text) + "'"
}
