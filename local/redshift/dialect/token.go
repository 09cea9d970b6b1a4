package dialect

import "strings"

// Kind tells tokens apart as far as the rules need it.
type Kind uint8

const (
	Word     Kind = iota // an unquoted name or keyword
	Quoted               // a "name"
	Literal              // a 'string', E'string' or $$string$$
	Number               // 12, 1.5, 1e3
	Param                // $1
	Operator             // =, <>, ||, ::
	Mark                 // one of ( ) [ ] , ; . : {}
)

// Token is a word of a statement together with the white space and the comments that precede it.
type Token struct {
	Kind  Kind
	Space string
	Text  string
	Pos   int // byte offset in the text it was read from
}

// is compares an unquoted word, an operator or a mark, without regard to case.
func (t Token) is(text string) bool {
	return t.Kind != Quoted && t.Kind != Literal && strings.EqualFold(t.Text, text)
}

func (t Token) isAny(texts ...string) bool {
	for _, text := range texts {
		if t.is(text) {
			return true
		}
	}
	return false
}

// isName is true for what can stand as an identifier.
func (t Token) isName() bool { return t.Kind == Word || t.Kind == Quoted }

// name is the identifier as Redshift stores it: folded to lower case, quoted or not (enable_case_sensitive_identifier
// is off by default).
func (t Token) name() string {
	if t.Kind == Quoted {
		return strings.ToLower(strings.ReplaceAll(t.Text[1:len(t.Text)-1], `""`, `"`))
	}
	return strings.ToLower(t.Text)
}

// Tokens is a statement, or a part of one.
type Tokens []Token

// at is the token at i, or an empty mark outside of the statement, so that rules can look around without care.
func (ts Tokens) at(i int) Token {
	if i < 0 || i >= len(ts) {
		return Token{Kind: Mark}
	}
	return ts[i]
}

// words reports whether the given words stand at i.
func (ts Tokens) words(i int, words ...string) bool {
	for k, w := range words {
		if !ts.at(i + k).is(w) {
			return false
		}
	}
	return true
}

// String is the statement's text.
func (ts Tokens) String() string {
	var b strings.Builder
	for _, t := range ts {
		b.WriteString(t.Space)
		b.WriteString(t.Text)
	}
	return b.String()
}

// closing is the index of the bracket that closes the one at open, or the last index when there is none (PostgreSQL then
// reports the syntax error).
func (ts Tokens) closing(open int) int {
	depth := 0
	for i := open; i < len(ts); i++ {
		switch {
		case ts[i].Kind != Mark:
		case strings.Contains("([{", ts[i].Text):
			depth++
		case strings.Contains(")]}", ts[i].Text):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(ts) - 1
}

// opening is the index of the bracket that the one at end closes, or 0.
func (ts Tokens) opening(end int) int {
	depth := 0
	for i := end; i >= 0; i-- {
		switch {
		case ts[i].Kind != Mark:
		case strings.Contains(")]}", ts[i].Text):
			depth++
		case strings.Contains("([{", ts[i].Text):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return 0
}

// find is the index of the first of the words at the bracket level of from, before end; -1 if there is none.
func (ts Tokens) find(from, end int, words ...string) int {
	for i := from; i < end; i++ {
		if ts[i].Kind == Mark && strings.Contains("([{", ts[i].Text) {
			i = ts.closing(i)
			continue
		}
		if ts[i].isAny(words...) {
			return i
		}
	}
	return -1
}

// split cuts ts[from:end] at the commas of its own bracket level.
func (ts Tokens) split(from, end int) [][2]int {
	var parts [][2]int
	for from < end {
		comma := ts.find(from, end, ",")
		if comma < 0 {
			comma = end
		}
		parts = append(parts, [2]int{from, comma})
		from = comma + 1
	}
	return parts
}

// replace puts the tokens of sql in the place of ts[from:end]; the space before them stays.
func (ts Tokens) replace(from, end int, sql string) Tokens {
	fresh, err := lex(sql)
	if err != nil { // rules write whole tokens; should one ever not, PostgreSQL will complain about it
		fresh = Tokens{{Kind: Word, Text: sql}}
	}
	space := " "
	if from < len(ts) {
		space = ts[from].Space
	}
	if len(fresh) > 0 {
		fresh[0].Space = space
	}
	out := make(Tokens, 0, len(ts)-(end-from)+len(fresh))
	out = append(out, ts[:from]...)
	out = append(out, fresh...)
	return append(out, ts[end:]...)
}

// text is the text of ts[from:end] without the space before it.
func (ts Tokens) text(from, end int) string {
	if from >= end {
		return ""
	}
	return strings.TrimPrefix(ts[from:end].String(), ts[from].Space)
}
