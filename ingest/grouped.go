package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxKeyBytes bounds a parameter's name in a record; a longer one is cut and told apart by a hash.
const maxKeyBytes = 256

// emptyKey is the name of a parameter without a name ("=x"): an empty name could not be asked for in SQL.
const emptyKey = "_"

// grouped collects values by the name that the record will show, in the order in which the names came.
type grouped struct {
	order  []string
	values map[string][]string
}

func (g *grouped) add(key, value string) {
	if g.values == nil {
		g.values = map[string][]string{}
	}
	key = recordKey(key)
	if g.values[key] == nil {
		g.order = append(g.order, key)
	}
	g.values[key] = append(g.values[key], value)
}

// first writes each name with its first value.
func (g *grouped) first() *object {
	o, taken := &object{}, map[string]bool{}
	for _, key := range g.order {
		first := g.values[key][0]
		o.key(g.name(key, isText(first), taken))
		o.value(first, isText(first))
	}
	return o
}

// repeated writes the names that came more than once, each with all its values.
func (g *grouped) repeated() *object {
	o, taken := &object{}, map[string]bool{}
	for _, key := range g.order {
		if values := g.values[key]; len(values) > 1 {
			clean := allText(values)
			o.key(g.name(key, clean, taken))
			o.list(values, clean)
		}
	}
	return o
}

// name marks the name of a base64 value, and once more while a parameter is really called so: no object may get a name twice.
func (g *grouped) name(key string, clean bool, taken map[string]bool) string {
	if clean {
		return key
	}
	name := key + base64Suffix
	for taken[name] || g.values[name] != nil {
		name += base64Suffix
	}
	taken[name] = true
	return name
}

// recordKey makes any name one that SQL can ask for: lower-cased in ASCII, bytes that are no text as %XX, short.
func recordKey(key string) string {
	if key == "" {
		return emptyKey
	}
	if !isText(key) {
		key = escapeBytes(key)
	}
	key = lowerASCII(key)
	if len(key) <= maxKeyBytes {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:maxKeyBytes], "") + "~" + hex.EncodeToString(sum[:8])
}

func escapeBytes(s string) string {
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if r == 0 || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "%%%02x", s[0])
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}
