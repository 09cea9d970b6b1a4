package template

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a place in the file; yaml is nil when nothing is there, which reads as the zero value.
type node struct {
	reader *reader
	path   []string
	key    string // the last of path
	yaml   *yaml.Node
}

// problem notes what is wrong at this place, once.
func (n node) problem(format string, args ...any) {
	line := ""
	if n.yaml != nil {
		line = fmt.Sprintf(" (line %d)", n.yaml.Line)
	}
	text := strings.Join(n.path, ".") + line + ": " + fmt.Sprintf(format, args...)
	if !slices.Contains(n.reader.problems, text) {
		n.reader.problems = append(n.reader.problems, text)
	}
}

func (n node) missing() bool { return n.yaml == nil }

func (n node) child(key string, y *yaml.Node) node {
	if y != nil && y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	return node{reader: n.reader, path: append(append([]string(nil), n.path...), key), key: key, yaml: y}
}

// at goes down by keys.
func (n node) at(keys ...string) node {
	for _, key := range keys {
		n = n.down(key)
	}
	return n
}

func (n node) down(key string) node {
	for _, entry := range n.entries() {
		if entry.key == key {
			return entry
		}
	}
	return n.child(key, nil)
}

// entries lists what a mapping holds, in the order of the file.
func (n node) entries() []node {
	if !n.is(yaml.MappingNode, "mapping") {
		return nil
	}
	var out []node
	for i := 0; i+1 < len(n.yaml.Content); i += 2 {
		out = append(out, n.child(n.yaml.Content[i].Value, n.yaml.Content[i+1]))
	}
	return out
}

// items lists what a sequence holds.
func (n node) items() []node {
	if !n.is(yaml.SequenceNode, "list") {
		return nil
	}
	var out []node
	for i, y := range n.yaml.Content {
		out = append(out, n.child(strconv.Itoa(i), y))
	}
	return out
}

// is reports whether something of a kind stands here. Something else is a problem, a function too, nothing is not.
func (n node) is(kind yaml.Kind, word string) bool {
	if n.missing() {
		return false
	}
	if function, _ := n.function(); function != "" {
		n.problem("!%s stands where the local stack needs a plain %s", function, word)
		return false
	}
	if n.yaml.Kind != kind {
		n.problem("a %s is expected here", word)
		return false
	}
	return true
}

// texts reads a mapping of texts.
func (n node) texts() map[string]string {
	out := map[string]string{}
	for _, entry := range n.entries() {
		out[entry.key] = entry.text()
	}
	return out
}

// number reads a whole number; a missing one has the default.
func (n node) number(missing int) int {
	if n.missing() {
		return missing
	}
	text := n.text()
	out, err := strconv.Atoi(text)
	if err != nil && text != "" { // what gave no text has its problem noted already
		n.problem("%q is not a whole number", text)
	}
	return out
}
