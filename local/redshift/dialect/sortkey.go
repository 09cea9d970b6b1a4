package dialect

import "strings"

// sortKeyRules make an index of a sort key. The first comes before the rule that takes storage attributes out, the second after all
// others: it wraps the translated statement.
func sortKeyRules() (note, wrap Rule) {
	note = Rule{Name: "sort keys", Outcome: Translated, Example: "create table notes (id int, dt date) diststyle even compound sortkey (dt, id); select count(*) from notes", Shows: "0",
		Note: "Where Redshift has zone maps, an index stands behind the table: on the key's leading columns of fixed width. An interleaved key has none.", apply: noteSortKey}
	wrap = Rule{Name: "SUPER in a sort key", Outcome: Refused, Example: "create table notes (body super) sortkey (body)", Shows: "column \"body\" of type super cannot be in a sort key",
		Note: "Sort by a date or a number.", apply: indexSortKey}
	return note, wrap
}

// noteSortKey remembers the columns by which a new table is sorted.
func noteSortKey(s *statement) error {
	if !s.definesTable() {
		return nil
	}
	for i := range s.queries() {
		if s.tokens[i].is("sortkey") && s.attribute(i) > 0 && !s.tokens.at(i-1).is("interleaved") && !s.tokens.at(i+1).is("auto") {
			s.sortKey = s.sortColumns(i)
		}
	}
	return nil
}

// sortColumns are the columns of the attribute SORTKEY at i: those in its brackets, or the one in whose definition it stands.
func (s *statement) sortColumns(i int) (names []string) {
	if s.tokens.at(i + 1).is("(") {
		for _, part := range s.tokens.split(i+2, s.tokens.closing(i+1)) {
			names = append(names, s.tokens[part[0]].name())
		}
		return names
	}
	open, end, ok := s.columns()
	if !ok {
		return nil
	}
	for _, part := range s.tokens.split(open+1, end) {
		if part[0] < i && i < part[1] {
			return []string{s.tokens[part[0]].name()}
		}
	}
	return nil
}

// indexSortKey makes the table and its index in one statement, so that it can also be prepared.
func indexSortKey(s *statement) error {
	if len(s.sortKey) == 0 {
		return nil
	}
	at := 1
	for !s.tokens.at(at).isAny("table", "view") {
		at++
	}
	if at++; s.tokens.words(at, "if", "not", "exists") {
		at += 3
	}
	names := make([]string, len(s.sortKey))
	for i, name := range s.sortKey {
		names[i] = quoteText(name)
	}
	block := "#variable_conflict use_column\nbegin " + s.tokens.text(0, len(s.tokens)) + "; perform redshift.index_sort_key(" +
		quoteText(s.tokens.text(at, s.tokens.dotted(at))) + ", array[" + strings.Join(names, ", ") + "]); end"
	s.tag = "CREATE TABLE"
	if s.queries() < len(s.tokens) {
		s.tag = "SELECT"
	}
	s.replace(0, len(s.tokens), "do "+quoteText(block))
	return nil
}
