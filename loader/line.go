package loader

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// RecordVersion is the `v` of every line that is added here.
	RecordVersion = 1
	// TimeLayout is the form of every time in a line: UTC, six digits of a second.
	TimeLayout = "2006-01-02T15:04:05.000000Z"

	// stringLimit keeps every string, escaped, below Redshift's 65,535 bytes; longer ones become lists of pieces.
	stringLimit = 48 << 10
	lineLimit   = 900 << 10
)

// Line is one record of the archive while it is made. What Put has put there, COPY takes.
type Line map[string]any

// Put adds a loadable form of the value under the key in lower case, because Redshift reads a mixed-case key of a SUPER value as NULL.
// Where two keys differ in case only, the one that was written in lower case stays.
func (l Line) Put(key string, value any) {
	lower := lowerASCII(key)
	if _, taken := l[lower]; taken && lower != key {
		return
	}
	if text, ok := value.(string); ok && !loadableText(text) {
		lower, value = lower+"_base64", base64.StdEncoding.EncodeToString([]byte(text))
	}
	l[lower] = loadable(value)
}

// Encode gives the line as it is archived, with its end of line.
func (l Line) Encode() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(l); err != nil {
		return nil, fmt.Errorf("encode a line: %w", err)
	}
	if out.Len() > lineLimit {
		return nil, Fail(Data, "a record is %d bytes long; at most %d can be archived", out.Len(), lineLimit)
	}
	return out.Bytes(), nil
}

func loadableText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

func loadable(value any) any {
	switch v := value.(type) {
	case string:
		return pieces(v)
	case map[string]any:
		object := Line{}
		for key, inner := range v {
			object.Put(key, inner)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, inner := range v {
			list[i] = loadable(inner)
			if text, ok := inner.(string); ok && !loadableText(text) {
				list[i] = map[string]any{"text_base64": base64.StdEncoding.EncodeToString([]byte(text))}
			}
		}
		return list
	default:
		return value
	}
}

// pieces leaves a short text as it is and cuts a long one, between characters, into a list.
func pieces(text string) any {
	var parts []any
	start, width := 0, 0
	for at, r := range text {
		if width += escapedWidth(r); width > stringLimit {
			parts = append(parts, text[start:at])
			start, width = at, escapedWidth(r)
		}
	}
	if parts == nil {
		return text
	}
	return append(parts, text[start:])
}

// escapedWidth is the number of bytes of a character in JSON text, or a little more.
func escapedWidth(r rune) int {
	switch {
	case r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029:
		return len(`\u001f`)
	case r == '"' || r == '\\':
		return 2
	default:
		return utf8.RuneLen(r)
	}
}

// lowerASCII leaves letters outside ASCII alone, as Redshift does.
func lowerASCII(key string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, key)
}
