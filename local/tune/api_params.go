package tune

import (
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// params are a call's parameters with PHP's bracket notation resolved: "filters[status][]=active" becomes
// {"filters": {"status": {"0": "active"}}}. A value is a string or again such a map.
type params map[string]any

func parseParams(form url.Values) params {
	keys := make([]string, 0, len(form))
	for key := range form {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	p := params{}
	for _, key := range keys {
		for _, value := range form[key] {
			p.put(bracketed(key), value)
		}
	}
	return p
}

// bracketed splits "a[b][]" into a, b and "".
func bracketed(key string) []string {
	head, rest, nested := strings.Cut(key, "[")
	if !nested {
		return []string{key}
	}
	return append([]string{head}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
}

func (p params) put(path []string, value string) {
	name := path[0]
	if name == "" {
		name = strconv.Itoa(len(p))
	}
	if len(path) == 1 {
		p[name] = value
		return
	}
	inner, ok := p[name].(params)
	if !ok {
		inner = params{}
		p[name] = inner
	}
	inner.put(path[1:], value)
}

func (p params) text(name string) string {
	value, _ := p[name].(string)
	return value
}

func (p params) inner(name string) params {
	value, _ := p[name].(params)
	return value
}

// texts are the plain values of an array, in the order of their indexes; a lone string counts as an array of one.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case params:
		var out []string
		for i := range len(v) {
			if text, ok := v[strconv.Itoa(i)].(string); ok {
				out = append(out, text)
			}
		}
		return out
	default:
		return nil
	}
}

func (p params) number(name string) int {
	n, err := strconv.Atoi(p.text(name))
	if err != nil {
		return 0
	}
	return n
}
