package load

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// str reads a string and gives the span between its quotes.
func (c *checker) str() (span, *jsonFlaw) {
	start := c.pos
	size, high := 0, false
	for c.pos++; c.pos < len(c.text); c.pos++ {
		switch b := c.text[c.pos]; {
		case b == '"':
			s := span{start + 1, c.pos}
			c.pos++
			if high && !utf8.Valid(c.text[s.from:s.to]) {
				c.pos = start
				return s, c.flaw(codeInvalidUTF8, "invalid UTF-8 in a string")
			}
			if size > c.limits.String {
				c.pos = start
				return s, c.flaw(codeTooLong, fmt.Sprintf("a string is longer than %d bytes", c.limits.String))
			}
			return s, nil
		case b == '\\':
			n, f := c.escape()
			if f != nil {
				return span{}, f
			}
			size += n
			continue
		case b < 0x20:
			return span{}, c.invalid("a control character must be escaped")
		case b >= 0x80:
			high = true
		}
		size++
	}
	return span{}, c.more()
}

// escape passes a backslash sequence up to its last byte and gives how many bytes it stands for.
func (c *checker) escape() (int, *jsonFlaw) {
	if c.pos+1 >= len(c.text) {
		return 0, c.more()
	}
	switch c.text[c.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		c.pos++
		return 1, nil
	case 'u':
	default:
		return 0, c.invalid("unknown escape")
	}
	r, f := c.hex(c.pos + 2)
	if f != nil {
		return 0, f
	}
	switch {
	case r == 0:
		return 0, c.flaw(codeInvalidUTF8, "a string holds the character NUL")
	case r >= 0xD800 && r < 0xDC00:
		return c.surrogates()
	case r >= 0xDC00 && r < 0xE000:
		return 0, c.invalid("half of a surrogate pair")
	}
	c.pos += 5
	return utf8.RuneLen(r), nil
}

func (c *checker) surrogates() (int, *jsonFlaw) {
	if len(c.text) < c.pos+12 {
		return 0, c.more()
	}
	low, f := c.hex(c.pos + 8)
	if f != nil || c.text[c.pos+6] != '\\' || c.text[c.pos+7] != 'u' || low < 0xDC00 || low > 0xDFFF {
		return 0, c.invalid("half of a surrogate pair")
	}
	c.pos += 11
	return 4, nil
}

func (c *checker) hex(at int) (rune, *jsonFlaw) {
	if len(c.text) < at+4 {
		return 0, c.more()
	}
	var r rune
	for _, b := range c.text[at : at+4] {
		switch {
		case b >= '0' && b <= '9':
			r = r<<4 | rune(b-'0')
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			r = r<<4 | rune(b|0x20-'a'+10)
		default:
			return 0, c.invalid("unknown escape")
		}
	}
	return r, nil
}

// number reads -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
func (c *checker) number() *jsonFlaw {
	if c.text[c.pos] == '-' {
		c.pos++
	}
	start := c.pos
	if f := c.digits(); f != nil {
		return f
	}
	if c.text[start] == '0' && c.pos > start+1 {
		c.pos = start
		return c.invalid("a number must not start with 0")
	}
	if c.pos < len(c.text) && c.text[c.pos] == '.' {
		c.pos++
		if f := c.digits(); f != nil {
			return f
		}
	}
	if c.pos < len(c.text) && c.text[c.pos]|0x20 == 'e' {
		c.pos++
		if c.pos < len(c.text) && (c.text[c.pos] == '+' || c.text[c.pos] == '-') {
			c.pos++
		}
		return c.digits()
	}
	return nil
}

func (c *checker) digits() *jsonFlaw {
	start := c.pos
	for c.pos < len(c.text) && c.text[c.pos] >= '0' && c.text[c.pos] <= '9' {
		c.pos++
	}
	switch {
	case c.pos == len(c.text):
		return c.more()
	case c.pos == start:
		return c.invalid("a digit must stand here")
	}
	return nil
}

func (c *checker) word() *jsonFlaw {
	for _, w := range []string{"true", "false", "null"} {
		if rest := c.text[c.pos:]; bytes.HasPrefix(rest, []byte(w)) {
			c.pos += len(w)
			return nil
		} else if bytes.HasPrefix([]byte(w), rest) {
			return c.more()
		}
	}
	return c.invalid("a value must stand here")
}
