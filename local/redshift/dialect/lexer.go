package dialect

import (
	"fmt"
	"strings"
)

// lex cuts Redshift SQL into tokens. Comments belong to the space before the token that follows; what follows the last
// token is dropped. The error is Redshift's for text that does not end: a string, a name or a comment.
func lex(sql string) (Tokens, error) {
	l := lexer{sql: sql}
	var tokens Tokens
	for {
		start := l.pos
		if err := l.space(); err != nil {
			return nil, err
		}
		if l.pos == len(sql) {
			return tokens, nil
		}
		begin := l.pos
		kind, err := l.token()
		if err != nil {
			return nil, err
		}
		text := sql[begin:l.pos]
		if kind == Literal && text[0] == '\'' && strings.Contains(text, `\`) {
			text = "E" + text // Redshift reads backslashes in any string, PostgreSQL only in these
		}
		tokens = append(tokens, Token{Kind: kind, Space: sql[start:begin], Text: text, Pos: begin})
	}
}

type lexer struct {
	sql string
	pos int
}

func (l *lexer) peek(ahead int) byte {
	if l.pos+ahead >= len(l.sql) {
		return 0
	}
	return l.sql[l.pos+ahead]
}

func (l *lexer) space() error {
	for l.pos < len(l.sql) {
		switch {
		case strings.IndexByte(" \t\r\n\f\v", l.peek(0)) >= 0:
			l.pos++
		case l.peek(0) == '-' && l.peek(1) == '-':
			if end := strings.IndexByte(l.sql[l.pos:], '\n'); end >= 0 {
				l.pos += end
			} else {
				l.pos = len(l.sql)
			}
		case l.peek(0) == '/' && l.peek(1) == '*':
			if err := l.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) comment() error {
	start, depth := l.pos, 0
	for l.pos < len(l.sql) {
		switch {
		case l.peek(0) == '/' && l.peek(1) == '*':
			depth++
			l.pos += 2
		case l.peek(0) == '*' && l.peek(1) == '/':
			depth--
			l.pos += 2
			if depth == 0 {
				return nil
			}
		default:
			l.pos++
		}
	}
	return l.unterminated("/* comment", start)
}

func (l *lexer) token() (Kind, error) {
	c := l.peek(0)
	switch {
	case c == '\'':
		return Literal, l.text(true)
	case (c == 'e' || c == 'E') && l.peek(1) == '\'':
		l.pos++
		return Literal, l.text(true)
	case c == '"':
		return Quoted, l.quoted()
	case c == '$' && digit(l.peek(1)):
		l.pos++
		l.run(digit)
		return Param, nil
	case c == '$':
		return Literal, l.dollar()
	case digit(c), c == '.' && digit(l.peek(1)):
		l.number()
		return Number, nil
	case letter(c):
		l.run(wordByte)
		return Word, nil
	case c == ':' && l.peek(1) == ':':
		l.pos += 2
		return Operator, nil
	case strings.IndexByte(operatorBytes, c) >= 0:
		l.operator()
		return Operator, nil
	}
	l.pos++
	return Mark, nil
}

// text reads a quoted string; backslash says whether a backslash takes away the meaning of what follows it.
func (l *lexer) text(backslash bool) error {
	start := l.pos
	for l.pos++; l.pos < len(l.sql); l.pos++ {
		switch {
		case backslash && l.peek(0) == '\\':
			l.pos++
		case l.peek(0) == '\'' && l.peek(1) == '\'':
			l.pos++
		case l.peek(0) == '\'':
			l.pos++
			return nil
		}
	}
	l.pos = len(l.sql)
	return l.unterminated("quoted string", start)
}

func (l *lexer) quoted() error {
	start := l.pos
	for l.pos++; l.pos < len(l.sql); l.pos++ {
		switch {
		case l.peek(0) == '"' && l.peek(1) == '"':
			l.pos++
		case l.peek(0) == '"' && l.pos == start+1:
			return &Error{Code: syntaxError, Message: `zero-length delimited identifier at or near """"`}
		case l.peek(0) == '"':
			l.pos++
			return nil
		}
	}
	l.pos = len(l.sql)
	return l.unterminated("quoted identifier", start)
}

// dollar reads $tag$ … $tag$, or a single $ that PostgreSQL will refuse.
func (l *lexer) dollar() error {
	start := l.pos
	l.pos++
	l.run(func(c byte) bool { return c != '$' && wordByte(c) })
	if l.peek(0) != '$' {
		return nil
	}
	l.pos++
	tag := l.sql[start:l.pos]
	end := strings.Index(l.sql[l.pos:], tag)
	if end < 0 {
		l.pos = len(l.sql)
		return l.unterminated("dollar-quoted string", start)
	}
	l.pos += end + len(tag)
	return nil
}

func (l *lexer) number() {
	l.run(digit)
	if l.peek(0) == '.' && l.peek(1) != '.' {
		l.pos++
		l.run(digit)
	}
	if c := l.peek(0); c == 'e' || c == 'E' {
		if digit(l.peek(1)) || ((l.peek(1) == '+' || l.peek(1) == '-') && digit(l.peek(2))) {
			l.pos += 2
			l.run(digit)
		}
	}
}

const operatorBytes = "+-*/<>=~!@#%^&|?`"

// operator reads the longest operator as PostgreSQL does: it ends before a comment, and one of several characters ends
// in + or - only if it has a character that SQL's own operators have not.
func (l *lexer) operator() {
	start := l.pos
	for l.pos < len(l.sql) && strings.IndexByte(operatorBytes, l.peek(0)) >= 0 {
		if rest := l.sql[l.pos:]; l.pos > start && (strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "/*")) {
			break
		}
		l.pos++
	}
	for l.pos-start > 1 && strings.IndexByte("+-", l.sql[l.pos-1]) >= 0 &&
		!strings.ContainsAny(l.sql[start:l.pos], "~!@#%^&|?`") {
		l.pos--
	}
}

func (l *lexer) run(in func(byte) bool) {
	for l.pos < len(l.sql) && in(l.sql[l.pos]) {
		l.pos++
	}
}

func (l *lexer) unterminated(what string, start int) error {
	near := l.sql[start:min(len(l.sql), start+40)]
	return &Error{Code: syntaxError, Message: fmt.Sprintf("unterminated %s at or near %q", what, near)}
}

func digit(c byte) bool    { return c >= '0' && c <= '9' }
func letter(c byte) bool   { return c == '_' || c >= 0x80 || (c|0x20 >= 'a' && c|0x20 <= 'z') }
func wordByte(c byte) bool { return letter(c) || digit(c) || c == '$' }
