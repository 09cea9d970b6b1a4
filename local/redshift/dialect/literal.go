package dialect

import "strings"

// superRules are about SUPER.
func superRules() []Rule {
	return []Rule{
		{Name: "SUPER columns", Outcome: Translated, Example: `create table notes (body super); insert into notes select json_parse('{"a":[1,{"b":"x"}]}'); select json_serialize(body) from notes`, Shows: `{"a":[1,{"b":"x"}]}`,
			Note: "jsonb underneath: key order, 1e3 and repeated keys are not kept."},
		{Name: "unnesting", Outcome: Translated, Example: "select count(*) from places p, p.extra.tags as label where label = 'old'", Shows: "2", apply: unnest},
		{Name: "unnesting with a position", Outcome: Translated, Example: "select position from places p, p.extra.tags as label at position where label::varchar = 'big' and p.id = 2", Shows: "1"},
		{Name: "UNPIVOT of objects", Outcome: Translated, Example: "select listagg(attr || ':' || json_typeof(val), ' ') within group (order by attr) from places p, unpivot p.extra as val at attr where p.id = 1",
			Shows: "Mayor:string geo:object size:string tags:array", Note: "Keys come as they stand in the document.", apply: unpivot},
		{Name: "UNPIVOT behind a path", Outcome: Translated, Example: "select k || ' ' || v::varchar from places p, unpivot p.extra.geo as v at k where p.id = 2", Shows: "lat 52.52"},
		{Name: "UNPIVOT of unnested objects", Outcome: Translated, Example: `create table notes (body super); insert into notes select json_parse('[{"a":"x"}]'); select k || v::varchar from notes n, n.body as o, unpivot o as v at k`, Shows: "ax"},
		{Name: "navigation", Outcome: Translated, Example: "select p.extra.geo.lat::varchar from places p where id = 1", Shows: "37.98", apply: navigate},
		{Name: "navigation with quotes and indexes", Outcome: Translated, Example: `select extra."tags"[0]::varchar from places where id = 1`, Shows: "old"},
		{Name: "what is not there is NULL", Outcome: Translated, Example: "select p.extra.geo.lat[3].nothing is null from places p where id = 1", Shows: "true"},
		{Name: "a cast that does not fit is NULL", Outcome: Translated, Example: "select p.extra.geo::int is null and p.extra.geo::varchar is null from places p where id = 1", Shows: "true"},
		{Name: "keys with capitals are out of reach", Outcome: Translated, Example: `select p.extra."Mayor" is null from places p where id = 1`, Shows: "true",
			Note: "Names are folded to lower case, quoted or not; the document's key is not."},
		{Name: "a SUPER value compared to a text", Outcome: Translated, Example: "select id from places p where p.extra.size = 'small'", Shows: "1", apply: superLiterals},
		{Name: "a text cast to SUPER", Outcome: Translated, Example: "select json_typeof('[1]'::super)", Shows: "string", Note: "It is not parsed; json_parse does that."},
	}
}

// literalRules are about names and texts.
func literalRules() []Rule {
	return []Rule{
		{Name: "backslashes in texts", Outcome: Translated, Example: `select len('a\\b')`, Shows: "3", Note: "They are escapes in every text."},
		{Name: "quoted names are folded too", Outcome: Translated, Example: `select "ID" from "Places" where "Id" = 2`, Shows: "2", apply: foldNames},
	}
}

// superLiterals makes texts that are cast to SUPER, or compared to a SUPER path, SUPER texts instead of JSON.
func superLiterals(s *statement) error {
	if s.catalog {
		return nil
	}
	for i := 0; i < len(s.tokens); i++ {
		if s.tokens[i].Kind != Literal {
			continue
		}
		cast := s.tokens.at(i+1).is("::") && s.tokens.at(i+2).is("super") || s.tokens.words(i+1, "as", "super")
		if cast || s.comparesPath(i) {
			s.replace(i, i+1, "super_text("+s.tokens[i].Text+")")
			i += 2
		}
	}
	return nil
}

// comparesPath is true for the literal of path = 'x' and 'x' = path.
func (s *statement) comparesPath(i int) bool {
	compare := func(t Token) bool { return t.isAny("=", "<>", "!=", "<", ">", "<=", ">=") }
	if compare(s.tokens.at(i-1)) && s.endsPath(i-2) {
		return true
	}
	return compare(s.tokens.at(i+1)) && s.tokens.at(i+2).is("super_or_null") && !s.tokens.at(s.tokens.closing(i+3)+1).is("::")
}

// endsPath is true when the value that ends at i is a path without a cast, or an unnested element.
func (s *statement) endsPath(i int) bool {
	if s.tokens.at(i).is(")") {
		return s.tokens.at(s.tokens.opening(i) - 1).is("super_or_null")
	}
	return s.tokens.at(i).isName() && !s.tokens.at(i-1).isAny(".", "::") && s.unnested(s.tokens[i].name())
}

// foldNames folds quoted names to lower case.
func foldNames(s *statement) error {
	if s.catalog {
		return nil
	}
	for i, t := range s.tokens {
		if t.Kind == Quoted && !strings.Contains(t.Text, "elements of ") {
			s.tokens[i].Text = strings.ToLower(t.Text)
		}
	}
	return nil
}
