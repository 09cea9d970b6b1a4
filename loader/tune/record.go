package tune

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"backstop/loader"
)

const (
	recordVersion = 1
	// stringLimit keeps every string, escaped, below Redshift's 65,535 bytes; longer ones become lists of pieces.
	stringLimit = 48 << 10
	lineLimit   = 900 << 10
	timeLayout  = "2006-01-02T15:04:05.000000Z"
)

// record makes the archived line of one row: TUNE's fields with keys in lower case (Redshift reads a mixed-case key of a SUPER
// value as NULL) and values as they came, with the fetch they belong to.
func record(r row, f Fetch) ([]byte, error) {
	line := map[string]any{}
	for key, raw := range r.fields {
		var value any
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			return nil, loader.Fail(loader.Data, "field %q of row %s cannot be read: %w", key, r.id, err)
		}
		put(line, key, value)
	}
	line["v"], line["fetch_id"], line["observed_at"] = recordVersion, f.FetchID, f.ObservedAt.Format(timeLayout)
	return encode(line)
}

func encode(line any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil {
		return nil, fmt.Errorf("encode a line: %w", err)
	}
	if out.Len() > lineLimit {
		return nil, loader.Fail(loader.Data, "a row of TUNE is %d bytes long; at most %d can be archived", out.Len(), lineLimit)
	}
	return out.Bytes(), nil
}

// put adds a loadable form of the value under the key in lower case. Where two keys differ in case only, the one that TUNE wrote
// in lower case stays.
func put(object map[string]any, key string, value any) {
	lower := lowerASCII(key)
	if _, taken := object[lower]; taken && lower != key {
		return
	}
	if text, ok := value.(string); ok && strings.ContainsRune(text, 0) {
		lower, value = lower+"_base64", base64.StdEncoding.EncodeToString([]byte(text))
	}
	object[lower] = loadable(value)
}

func loadable(value any) any {
	switch v := value.(type) {
	case string:
		return pieces(v)
	case map[string]any:
		object := map[string]any{}
		for key, inner := range v {
			put(object, key, inner)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, inner := range v {
			list[i] = loadable(inner)
			if text, ok := inner.(string); ok && strings.ContainsRune(text, 0) {
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

// fetchRecord is the line that calls a fetch complete.
func fetchRecord(f Fetch) ([]byte, error) {
	return encode(map[string]any{
		"v": recordVersion, "fetch_id": f.FetchID, "target": f.Target, "window_from": f.WindowFrom, "window_to": f.WindowTo,
		"rows": f.Rows, "pages": f.Pages, "observed_at": f.ObservedAt.UTC().Truncate(time.Microsecond).Format(timeLayout),
	})
}
