package load

import (
	"bytes"
	"fmt"
	"slices"
)

// checker reads one JSON document strictly: grammar, UTF-8, and what SUPER cannot hold. It keeps its stacks between
// documents.
type checker struct {
	text   []byte
	pos    int
	limits Limits
	stack  []level
	keys   []span // the keys of all open objects
}

type level struct {
	object bool
	keys   int // where this object's keys start
}

type span struct{ from, to int }

// jsonFlaw is why a document is refused; an incomplete one may be right once more of it is there.
type jsonFlaw struct {
	at         int
	code       int
	reason     string
	incomplete bool
}

// document checks the document at the start of text and gives its length.
func (c *checker) document(text []byte, limits Limits) (int, *jsonFlaw) {
	c.text, c.pos, c.limits = text, 0, limits
	c.stack, c.keys = c.stack[:0], c.keys[:0]
	if first := text[0]; first != '{' && first != '[' {
		return 0, c.invalid("an object or an array must stand here")
	}
	for {
		if f := c.value(); f != nil {
			return 0, f
		}
		done, f := c.afterValue()
		if f != nil {
			return 0, f
		}
		if done {
			return c.pos, nil
		}
	}
}

// value reads a scalar, an empty container, or opens one up to its first value.
func (c *checker) value() *jsonFlaw {
	for {
		switch b, f := c.token(); {
		case f != nil:
			return f
		case b == '{':
			if f := c.push(true); f != nil {
				return f
			}
			if empty, f := c.closes('}'); f != nil || empty {
				return f
			}
			if f := c.key(); f != nil {
				return f
			}
		case b == '[':
			if f := c.push(false); f != nil {
				return f
			}
			if empty, f := c.closes(']'); f != nil || empty {
				return f
			}
		case b == '"':
			_, f := c.str()
			return f
		case b == '-' || b >= '0' && b <= '9':
			return c.number()
		default:
			return c.word()
		}
	}
}

// closes reads the bracket that ends a container at once.
func (c *checker) closes(bracket byte) (bool, *jsonFlaw) {
	b, f := c.token()
	if f != nil || b != bracket {
		return false, f
	}
	c.pos++
	return true, c.pop()
}

// afterValue reads what follows a value, up to where the next one starts; done is true when the document has ended.
func (c *checker) afterValue() (done bool, f *jsonFlaw) {
	for len(c.stack) > 0 {
		top := c.stack[len(c.stack)-1]
		b, f := c.token()
		if f != nil {
			return false, f
		}
		switch {
		case b == ',' && top.object:
			c.pos++
			return false, c.key()
		case b == ',':
			c.pos++
			return false, nil
		case b == '}' && top.object, b == ']' && !top.object:
			c.pos++
			if f := c.pop(); f != nil {
				return false, f
			}
		default:
			return false, c.invalid("a comma or the end of the object or array must stand here")
		}
	}
	return true, nil
}

// key reads "name": of the open object.
func (c *checker) key() *jsonFlaw {
	if b, f := c.token(); f != nil {
		return f
	} else if b != '"' {
		return c.invalid("an attribute's name must stand here")
	}
	name, f := c.str()
	if f != nil {
		return f
	}
	c.keys = append(c.keys, name)
	if b, f := c.token(); f != nil {
		return f
	} else if b != ':' {
		return c.invalid("a colon must stand here")
	}
	c.pos++
	return nil
}

func (c *checker) push(object bool) *jsonFlaw {
	if len(c.stack) == c.limits.Depth {
		return c.flaw(codeInvalidJSON, fmt.Sprintf("nesting is deeper than %d levels", c.limits.Depth))
	}
	c.stack = append(c.stack, level{object: object, keys: len(c.keys)})
	c.pos++
	return nil
}

// pop leaves the innermost container and refuses an object that has a key twice.
func (c *checker) pop() *jsonFlaw {
	top := len(c.stack) - 1
	keys := c.keys[c.stack[top].keys:]
	c.keys = c.keys[:c.stack[top].keys]
	c.stack = c.stack[:top]
	text := func(s span) []byte { return c.text[s.from:s.to] }
	slices.SortFunc(keys, func(a, b span) int { return bytes.Compare(text(a), text(b)) })
	for i := 1; i < len(keys); i++ {
		if bytes.Equal(text(keys[i-1]), text(keys[i])) {
			return c.flaw(codeInvalidJSON, fmt.Sprintf("Invalid JSON: duplicate attribute %q", text(keys[i])))
		}
	}
	return nil
}

// token passes white space and looks at the byte behind it.
func (c *checker) token() (byte, *jsonFlaw) {
	for c.pos < len(c.text) {
		switch b := c.text[c.pos]; b {
		case ' ', '\t', '\r', '\n':
			c.pos++
		default:
			return b, nil
		}
	}
	return 0, c.more()
}

func (c *checker) more() *jsonFlaw {
	return &jsonFlaw{at: len(c.text), code: codeInvalidJSON, reason: "Invalid JSON: the document does not end", incomplete: true}
}

func (c *checker) invalid(reason string) *jsonFlaw {
	return c.flaw(codeInvalidJSON, "Invalid JSON: "+reason)
}

func (c *checker) flaw(code int, reason string) *jsonFlaw {
	return &jsonFlaw{at: c.pos, code: code, reason: reason}
}
