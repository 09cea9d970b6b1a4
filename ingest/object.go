package ingest

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxStringBytes is the longest string of a record once escaped. Redshift refuses a string above 65,535 bytes inside SUPER; three quarters
// of that leave room for whatever counts escapes or pipes twice.
const maxStringBytes = 48 << 10

// base64Suffix marks the name of a value that is no text.
const base64Suffix = "_base64"

// object writes one JSON object, key by key. Its texts are loadable whatever they hold: see text.
type object struct{ json []byte }

func (o *object) key(key string) {
	if len(o.json) == 0 {
		o.json = append(o.json, '{')
	} else {
		o.json = append(o.json, ',')
	}
	o.json = append(appendQuoted(o.json, key), ':')
}

// text writes s under key; what is no text (NUL, invalid UTF-8) goes as base64 to key_base64. A string too long becomes an array of chunks.
func (o *object) text(key, s string) {
	if !isText(s) {
		key += base64Suffix
	}
	o.key(key)
	o.value(s, isText(s))
}

// texts writes a list; one value that is no text turns the whole list to base64, so that a reader finds it under one key.
func (o *object) texts(key string, list []string) {
	clean := allText(list)
	if !clean {
		key += base64Suffix
	}
	o.key(key)
	o.list(list, clean)
}

func (o *object) value(s string, clean bool) {
	if !clean {
		s = base64.StdEncoding.EncodeToString([]byte(s))
	}
	o.json = appendChunks(o.json, s)
}

func (o *object) list(list []string, clean bool) {
	o.json = append(o.json, '[')
	for i, s := range list {
		if i > 0 {
			o.json = append(o.json, ',')
		}
		o.value(s, clean)
	}
	o.json = append(o.json, ']')
}

func (o *object) number(key string, n int) {
	o.key(key)
	o.json = strconv.AppendInt(o.json, int64(n), 10)
}

func (o *object) flag(key string, b bool) {
	o.key(key)
	o.json = strconv.AppendBool(o.json, b)
}

func (o *object) time(key string, t time.Time) {
	o.key(key)
	o.json = appendQuoted(o.json, FormatTime(t))
}

func (o *object) object(key string, inner *object) {
	o.key(key)
	o.json = append(o.json, inner.close()...)
}

func (o *object) close() []byte {
	if len(o.json) == 0 {
		o.json = append(o.json, '{')
	}
	o.json = append(o.json, '}')
	return o.json
}

// FormatTime is the one form of a time in records: UTC, RFC 3339, always six digits of a second.
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// isText says whether s can stand in a record as a string. A long one that consists mostly of control characters would grow sixfold by
// escaping; base64 bounds it.
func isText(s string) bool {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return false
	}
	return len(s) <= maxStringBytes/6 || quotedLength(s) <= max(maxStringBytes, 2*len(s))
}

func allText(list []string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !isText(s) })
}

func appendChunks(dst []byte, s string) []byte {
	if quotedLength(s) <= maxStringBytes {
		return appendQuoted(dst, s)
	}
	dst = append(dst, '[')
	for s != "" {
		end := chunkEnd(s)
		dst = append(appendQuoted(dst, s[:end]), ',')
		s = s[end:]
	}
	dst[len(dst)-1] = ']'
	return dst
}

// chunkEnd finds the end of the longest first chunk, never inside a character.
func chunkEnd(s string) int {
	size := 0
	for i, r := range s {
		size += quotedRune(r)
		if size > maxStringBytes {
			return i
		}
	}
	return len(s)
}

func quotedLength(s string) int {
	size := 0
	for _, r := range s {
		size += quotedRune(r)
	}
	return size
}

func quotedRune(r rune) int {
	switch {
	case r == '"' || r == '\\' || r == '\n' || r == '\r' || r == '\t':
		return 2
	case r < 0x20:
		return len(`\u0000`)
	default:
		return utf8.RuneLen(r)
	}
}

// appendQuoted writes s, which is valid UTF-8, as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
