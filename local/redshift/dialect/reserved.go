package dialect

import "strings"

// reservedWords are Redshift's reserved words that have no use in a query's grammar, so that an unquoted one is a syntax
// error wherever a name may stand. (Those that both systems reserve, PostgreSQL refuses by itself.)
// Source: Amazon Redshift Database Developer Guide, "Reserved words".
func reservedWords() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`aes128 aes256 allowoverwrite backup blanksasnull bytedict bzip2 credentials defrag deflate delta
		delta32k emptyasnull encryption explicit freeze globaldict256 globaldict64k gzip lun luns lzo lzop mostly8 mostly16
		mostly32 new offline oid old open percent permissions raw readratio recover rejectlog resort restore snapshot system tag
		tdes text255 text32k truncatecolumns wallet az64 parallel`) {
		words[w] = true
	}
	return words
}

// checkReserved refuses reserved words as names. After a dot or AS any word may stand.
func (t *Translator) checkReserved(s *statement) error {
	if s.catalog {
		return nil
	}
	from := s.queries()
	if s.starts("create") || s.starts("alter") || s.starts("drop") || s.starts("truncate") || s.starts("lock") {
		from = 0
	}
	for i := from; i < len(s.tokens); i++ {
		tok := s.tokens[i]
		if tok.Kind != Word || !t.reserved[tok.name()] || s.tokens.at(i-1).is(".") || s.inAttributes(i) {
			continue
		}
		if s.tokens.at(i-1).is("as") && !s.inTableName(i-2) && !s.tokens.at(i+1).is("(") {
			continue
		}
		return reservedHere(tok)
	}
	return t.checkNames(s)
}

func reservedHere(tok Token) error {
	return &Error{Code: syntaxError, Message: `syntax error at or near "` + tok.Text + `"`,
		Hint: tok.Text + ` is a reserved word of Redshift: choose another name or write "` + tok.name() + `".`}
}

// grammarWords are the reserved words that queries have a use for, so that only their place tells.
// Source: as above.
func grammarWords() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`between binary connect current_time current_timestamp current_user current_user_id disable enable encode encrypt
		identity ignore interval localtime localtimestamp minus nulls off partition pivot respect session_user sysdate timestamp top unnest unpivot user
		verbose without`) {
		words[w] = true
	}
	return words
}

// checkNames refuses grammar's words as names of tables and columns.
func (t *Translator) checkNames(s *statement) error {
	for i, tok := range s.tokens {
		if tok.Kind == Word && t.grammar[tok.name()] && !s.tokens.at(i-1).is(".") && (s.columnAt(i) || s.definedAt(i) || s.inTableName(i) && !s.unpivots(i)) {
			return reservedHere(tok)
		}
	}
	return nil
}

// definedAt is true at the name of what is created, altered or dropped.
func (s *statement) definedAt(i int) bool {
	if !s.tokens.at(0).isAny("create", "alter", "drop") {
		return false
	}
	return s.tokens.at(i-1).isAny("table", "view", "schema") || s.tokens.at(i-1).is("exists") && s.tokens.at(i-2).isAny("if", "not")
}

// inAttributes is true where DDL has a use for the word: ENCODE az64, BACKUP NO.
func (s *statement) inAttributes(i int) bool {
	return s.tokens.at(i-1).is("encode") || s.tokens.words(i, "backup", "yes") || s.tokens.words(i, "backup", "no")
}
