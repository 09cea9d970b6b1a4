package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// definitionRules are about CREATE and ALTER.
func definitionRules() []Rule {
	return []Rule{
		{Name: "distribution and encodings", Outcome: Translated,
			Example: "create table notes (id int encode az64 distkey sortkey, body varchar(20) encode zstd) diststyle key backup no; select count(*) from notes", Shows: "0",
			Note: "They are accepted and have no effect.", apply: dropAttributes},
		{Name: "attributes of CREATE TABLE AS", Outcome: Translated, Example: "create table notes distkey (id) sortkey (id) as select id from places; select count(*) from notes", Shows: "2"},
		{Name: "keys are not enforced", Outcome: Translated, Example: "create table notes (id int primary key, name varchar(5) unique, foreign key (id) references places (id)); insert into notes values (7, 'a'), (7, 'a'); select count(*) from notes", Shows: "2",
			Note: "PRIMARY KEY still means NOT NULL.", apply: dropKeys},
		{Name: "IDENTITY", Outcome: Translated, Example: "create table notes (id bigint identity(10, 5), body varchar(20)); insert into notes (body) values ('a'), ('b'); select max(id) from notes", Shows: "15", apply: identity},
		{Name: "VARCHAR without a length is VARCHAR(256)", Outcome: Translated, Example: "create table notes (body varchar); insert into notes values (repeat('x', 257))", Shows: "value too long for type character varying(256)", apply: columnTypes},
		{Name: "VARCHAR(n) counts bytes", Outcome: Translated, Example: "create table notes (body varchar(5)); insert into notes values ('ééé')", Shows: "value too long for type character varying(5)",
			Note: "A text of n characters may need up to 4n."},
		{Name: "a cast to VARCHAR(n) cuts", Outcome: Translated, Example: "select 'ééé'::varchar(5)", Shows: "éé"},
		{Name: "VARCHAR beyond its longest", Outcome: Refused, Example: "create table notes (body varchar(65536))", Shows: "length for type varchar cannot exceed 65535",
			Note: "VARCHAR(MAX) is VARCHAR(65535)."},
		{Name: "DECIMAL beyond its widest", Outcome: Refused, Example: "select 1::decimal(39, 2)", Shows: "DECIMAL precision 39 must be between 1 and 38",
			Note: "At most 38 digits.", apply: checkWidths},
		{Name: "DECIMAL without a precision is DECIMAL(18,0)", Outcome: Translated, Example: "select '1.6'::decimal", Shows: "2", apply: decimals},
	}
}

func (s *statement) definesTable() bool {
	i := 1
	for s.tokens.at(i).isAny("local", "temp", "temporary") {
		i++
	}
	return s.starts("create") && s.tokens.at(i).is("table") || s.starts("create", "materialized", "view")
}

// columns is the bracket of the column definitions of CREATE TABLE; ok is false when there is none (CREATE TABLE AS).
func (s *statement) columns() (open, close int, ok bool) {
	if !s.definesTable() {
		return 0, 0, false
	}
	for i := 0; i < len(s.tokens); i++ {
		if s.tokens[i].isAny("as", "distkey", "sortkey", "compound", "interleaved", "diststyle", "backup") && i > 2 {
			return 0, 0, false
		}
		if s.tokens[i].is("(") {
			return i, s.tokens.closing(i), true
		}
	}
	return 0, 0, false
}

// columnAt is true when a column's name stands at i of a definition, so that its type follows.
func (s *statement) columnAt(i int) bool {
	if s.starts("alter", "table") {
		return s.tokens.at(i).isName() && s.tokens.at(i-1).is("column") && s.tokens.at(i-2).is("add")
	}
	open, close, ok := s.columns()
	if !ok || i <= open || i >= close || !s.tokens.at(i).isName() || !s.tokens.at(i-1).isAny("(", ",") {
		return false
	}
	return !tableConstraint(s.tokens[i]) && !s.tokens[i].is("like") && s.level(open, i) == 1
}

// level counts the brackets that are open at i, from the one at open.
func (s *statement) level(open, i int) int {
	depth := 0
	for k := open; k < i; k++ {
		switch {
		case s.tokens[k].is("("):
			depth++
		case s.tokens[k].is(")"):
			depth--
		}
	}
	return depth
}

func tableConstraint(t Token) bool {
	return t.isAny("primary", "unique", "foreign", "constraint", "check", "exclude")
}

// dropAttributes takes out what says how Redshift stores a table.
func dropAttributes(s *statement) error {
	if !s.definesTable() && !s.starts("alter", "table") {
		return nil
	}
	for i := 0; i < s.queries(); i++ {
		if n := s.attribute(i); n > 0 {
			s.remove(i, i+n)
			i--
		}
	}
	return nil
}

// attribute is the number of tokens of the storage attribute at i, 0 if there is none.
func (s *statement) attribute(i int) int {
	bracket := func(at int) int {
		if s.tokens.at(at).is("(") {
			return s.tokens.closing(at) + 1 - at
		}
		return 0
	}
	t := s.tokens
	switch {
	case t.at(i - 1).is("."), i < 3:
		return 0
	case t.at(i).is("diststyle") && t.at(i+1).isAny("auto", "even", "key", "all"), t.at(i).is("encode") && t.at(i+1).Kind == Word,
		t.at(i).is("backup") && t.at(i+1).isAny("yes", "no"):
		return 2
	case t.words(i, "auto", "refresh") && t.at(i+2).isAny("yes", "no"):
		return 3
	case t.at(i).is("distkey") && !t.at(i-1).isAny("(", ","):
		return 1 + bracket(i+1)
	case t.at(i).isAny("compound", "interleaved") && t.at(i+1).is("sortkey"):
		return 2 + bracket(i+2)
	case t.words(i, "sortkey", "auto"):
		return 2
	case t.at(i).is("sortkey") && !t.at(i-1).isAny("(", ","):
		return 1 + bracket(i+1)
	}
	return 0
}

// dropKeys takes out PRIMARY KEY, UNIQUE and REFERENCES; the columns of a primary key become NOT NULL.
func dropKeys(s *statement) error {
	open, _, ok := s.columns()
	if !ok {
		return nil
	}
	needed := map[string]bool{}
	parts := s.tokens.split(open+1, s.tokens.closing(open))
	for n := len(parts) - 1; n >= 0; n-- {
		from, end := parts[n][0], parts[n][1]
		if s.tokens[from].is("constraint") {
			from += 2
		}
		switch first := s.tokens.at(from); {
		case first.isAny("check", "exclude"):
			return &Error{Code: featureNotSupported, Message: strings.ToUpper(first.Text) + " constraints are not supported", Hint: "Test the data instead."}
		case first.isAny("primary", "foreign") && !s.tokens.at(from+1).is("key"), first.is("unique") && !s.tokens.at(from+1).is("("):
			return near(s.tokens.at(from+1), "")
		case first.is("primary"):
			for _, c := range s.tokens.split(from+3, s.tokens.closing(from+2)) {
				needed[s.tokens[c[0]].name()] = true
			}
			s.cut(parts[n][0], end)
		case first.isAny("unique", "foreign"):
			s.cut(parts[n][0], end)
		}
	}
	parts = s.tokens.split(open+1, s.tokens.closing(open))
	for n := len(parts) - 1; n >= 0; n-- {
		s.dropColumnKeys(parts[n][0], parts[n][1], needed[s.tokens[parts[n][0]].name()])
	}
	return nil
}

// cut removes a part of a list together with one comma.
func (s *statement) cut(from, end int) {
	if s.tokens.at(from - 1).is(",") {
		from--
	} else if s.tokens.at(end).is(",") {
		end++
	}
	s.remove(from, end)
}

func (s *statement) dropColumnKeys(from, end int, needed bool) {
	if needed {
		s.replace(end, end, "not null")
		s.tokens[end].Space = " "
	}
	for i := end - 1; i > from; i-- {
		switch {
		case s.tokens[i].is("unique") && !s.tokens.at(i-1).is("."):
			s.remove(i, i+1)
		case s.tokens.words(i, "primary", "key"):
			s.replace(i, i+2, "not null")
		case s.tokens[i].is("references"):
			stop := s.tokens.dotted(i + 1)
			if s.tokens.at(stop).is("(") {
				stop = s.tokens.closing(stop) + 1
			}
			s.remove(i, stop)
		}
	}
}

// identity translates IDENTITY(seed, step) and GENERATED BY DEFAULT AS IDENTITY(seed, step).
func identity(s *statement) error {
	if !s.definesTable() {
		return nil
	}
	for i := 0; i < len(s.tokens); i++ {
		if !s.tokens.words(i, "identity", "(") || !s.tokens.at(i+3).is(",") {
			continue
		}
		end := s.tokens.closing(i+1) + 1
		options := "identity (start with " + s.tokens[i+2].Text + " increment by " + s.tokens.text(i+4, end-1) + ")"
		if s.tokens.at(i - 1).is("as") {
			s.replace(i, end, options)
		} else {
			s.replace(i, end, "generated always as "+options)
		}
	}
	return nil
}

// columnTypes gives types their Redshift lengths.
func columnTypes(s *statement) error {
	for i := 0; i < len(s.tokens); i++ {
		if i == 0 || !s.columnAt(i-1) {
			continue
		}
		end := i + 1
		if s.tokens.words(i, "character", "varying") {
			end++
		}
		t := s.tokens[i]
		varying := t.isAny("varchar", "nvarchar") || end == i+2
		switch {
		case varying && s.tokens.words(end, "(", "max", ")"):
			s.replace(i, end+3, "varchar(65535)")
		case (varying || t.is("text")) && !s.tokens.at(end).is("("):
			s.replace(i, end, "varchar(256)")
		case t.is("bpchar") && !s.tokens.at(end).is("("):
			s.replace(i, end, "char(256)")
		case t.isAny("nvarchar", "nchar"):
			s.replace(i, i+1, strings.ToLower(t.Text)[1:])
		}
	}
	return nil
}

// decimals gives NUMERIC and DECIMAL without a precision Redshift's (18,0).
func decimals(s *statement) error {
	if s.catalog {
		return nil
	}
	for i := 0; i < len(s.tokens); i++ {
		if s.typeAt(i) && s.tokens[i].isAny("numeric", "decimal", "dec") && !s.tokens.at(i+1).is("(") {
			s.replace(i, i+1, "numeric(18,0)")
		}
	}
	return nil
}

// checkWidths refuses types wider than Redshift's.
func checkWidths(s *statement) error {
	if s.catalog {
		return nil
	}
	for i := range s.tokens {
		if !s.tokens.at(i+1).is("(") || s.tokens.at(i+2).Kind != Number || !s.typeAt(i) {
			continue
		}
		n, err := strconv.Atoi(s.tokens[i+2].Text)
		switch t := s.tokens[i]; {
		case err != nil:
		case t.isAny("varchar", "nvarchar") && n > 65535:
			return &Error{Code: "22023", Message: "length for type varchar cannot exceed 65535", Hint: "VARCHAR(MAX) is VARCHAR(65535)."}
		case t.isAny("numeric", "decimal", "dec") && n > 38:
			return &Error{Code: "22023", Message: fmt.Sprintf("DECIMAL precision %d must be between 1 and 38", n), Hint: "At most 38 digits."}
		}
	}
	return nil
}
