package firehose

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// prefix is a key prefix, read: literal texts and times.
type prefix []func(time.Time) string

var expression = regexp.MustCompile(`!\{([^:}]*):([^}]*)\}`)

// layouts are the letters of Java's DateTimeFormatter that are understood, with Go's for them.
var layouts = map[string]string{"yyyy": "2006", "MM": "01", "dd": "02", "HH": "15", "mm": "04", "ss": "05"}

// readPrefix reads a prefix with !{timestamp:…} expressions. Without any it appends the hour, as Firehose does.
func readPrefix(text string) (prefix, error) {
	if strings.Contains(expression.ReplaceAllString(text, ""), "!{") {
		return nil, fmt.Errorf("prefix %q: an expression is not closed or has no name", text)
	}
	if !expression.MatchString(text) {
		text += "!{timestamp:yyyy/MM/dd/HH/}"
	}
	var out prefix
	end := 0
	for _, m := range expression.FindAllStringSubmatchIndex(text, -1) {
		if space := text[m[2]:m[3]]; space != "timestamp" {
			return nil, fmt.Errorf("prefix %q: !{%s:…} is not imitated, only !{timestamp:…}", text, space)
		}
		pattern, err := readPattern(text[m[4]:m[5]])
		if err != nil {
			return nil, fmt.Errorf("prefix %q: %w", text, err)
		}
		out = append(append(out, literal(text[end:m[0]])), pattern...)
		end = m[1]
	}
	return append(out, literal(text[end:])), nil
}

// readPattern reads a Java time pattern.
func readPattern(pattern string) (prefix, error) {
	var out prefix
	for rest := pattern; rest != ""; {
		token := rest[:tokenLength(rest)]
		rest = rest[len(token):]
		switch layout, known := layouts[token]; {
		case known:
			out = append(out, func(t time.Time) string { return t.UTC().Format(layout) })
		case isLetter(token[0]):
			return nil, fmt.Errorf("time pattern %q: %q is not understood", pattern, token)
		default:
			out = append(out, literal(strings.Trim(token, "'")))
		}
	}
	return out, nil
}

// tokenLength measures a run of one letter, a quoted text or a single other character.
func tokenLength(text string) int {
	n := 1
	switch {
	case isLetter(text[0]):
		for n < len(text) && text[n] == text[0] {
			n++
		}
	case text[0] == '\'':
		if closing := strings.IndexByte(text[1:], '\''); closing >= 0 {
			n = closing + 2
		}
	}
	return n
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

func literal(text string) func(time.Time) string {
	return func(time.Time) string { return text }
}

// at evaluates the prefix.
func (p prefix) at(t time.Time) string {
	var out strings.Builder
	for _, part := range p {
		out.WriteString(part(t))
	}
	return out.String()
}
