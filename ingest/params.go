package ingest

import "strings"

// Param is one decoded parameter, its key spelled as it was sent.
type Param struct{ Key, Value string }

// Params are a request's parameters in the order in which they were sent.
type Params []Param

// ParseParams decodes a query string or a form body. It accepts everything: a malformed percent-escape stays as it came, ';' is data,
// '+' is a blank, a key without '=' has an empty value. Nothing is dropped but empty segments ("a=1&&b=2").
func ParseParams(raw string) Params {
	var params Params
	for segment := range strings.SplitSeq(raw, "&") {
		if segment == "" {
			continue
		}
		key, value, _ := strings.Cut(segment, "=")
		params = append(params, Param{Key: unescape(key), Value: unescape(value)})
	}
	return params
}

// First maps each key, lower-cased in ASCII, to its first value.
func (p Params) First() map[string]string {
	first := make(map[string]string, len(p))
	for _, param := range p {
		key := lowerASCII(param.Key)
		if _, known := first[key]; !known {
			first[key] = param.Value
		}
	}
	return first
}

// mediaType is a content type without its parameters, in lower case.
func mediaType(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return lowerASCII(strings.TrimSpace(media))
}

func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, fromHex(s[i+1])<<4|fromHex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func fromHex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	default:
		return c - '0'
	}
}

// lowerASCII leaves every byte above 'Z' alone: lower-casing Unicode would change what was sent (the Kelvin sign becomes a 'k').
func lowerASCII(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) < 0 {
		return s
	}
	out := []byte(s)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return string(out)
}
