package route

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Problem is one mistake in a routes file, told so that its author can mend it.
type Problem struct {
	File string
	Line int
	Path string // in the file, such as destinations.tune.timeout
	What string
	Mend string
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d: %s: %s; %s", p.File, p.Line, p.Path, p.What, p.Mend)
}

// Problems lists the problems in an error of Load or Parse; none if the file could not be read at all.
func Problems(err error) []Problem {
	var all []Problem
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			all = append(all, Problems(one)...)
		}
	} else if problem, ok := errors.AsType[Problem](err); ok {
		all = append(all, problem)
	}
	return all
}

// document walks a YAML file and collects every problem, so that one check shows all of them.
type document struct {
	file     string
	problems []error
}

func (d *document) complain(n node, what, mend string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: n.yaml.Line, Path: n.path, What: what, Mend: mend})
}

func (d *document) err() error { return errors.Join(d.problems...) }

// node is a YAML node and where it stands.
type node struct {
	yaml *yaml.Node
	path string
}

func (n node) absent() bool { return n.yaml.Kind == 0 }

func (n node) child(name string, value *yaml.Node) node {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	return node{value, strings.TrimPrefix(n.path+"."+name, ".")}
}

// mapping reads a mapping with any keys, in their order.
func (d *document) mapping(n node) (names []string, values map[string]node) {
	values = map[string]node{}
	if n.absent() {
		return nil, values
	}
	if n.yaml.Kind != yaml.MappingNode {
		d.complain(n, "is not a mapping", "write it as `key: value` lines")
		return nil, values
	}
	for i := 0; i+1 < len(n.yaml.Content); i += 2 {
		key := n.yaml.Content[i].Value
		if _, twice := values[key]; twice {
			d.complain(n.child(key, n.yaml.Content[i]), "is there twice", "keep one of them")
			continue
		}
		names, values[key] = append(names, key), n.child(key, n.yaml.Content[i+1])
	}
	return names, values
}

// fields reads a mapping whose keys are known. A missing one is an absent node at the mapping's line.
func (d *document) fields(n node, known ...string) map[string]node {
	names, values := d.mapping(n)
	for _, name := range names {
		if !slices.Contains(known, name) {
			d.complain(values[name], "is not a known key", "use one of "+strings.Join(known, ", "))
		}
	}
	for _, name := range known {
		if _, ok := values[name]; !ok {
			values[name] = n.child(name, &yaml.Node{Line: n.yaml.Line})
		}
	}
	return values
}

func (d *document) list(n node) []node {
	if n.absent() {
		return nil
	}
	if n.yaml.Kind != yaml.SequenceNode {
		d.complain(n, "is not a list", "write it as `- item` lines or [a, b]")
		return nil
	}
	items := make([]node, len(n.yaml.Content))
	for i, item := range n.yaml.Content {
		items[i] = n.child(fmt.Sprint(i), item)
	}
	return items
}

// text reads a scalar; "" if it is absent.
func (d *document) text(n node) string {
	if n.absent() {
		return ""
	}
	if n.yaml.Kind != yaml.ScalarNode {
		d.complain(n, "is not a single value", "write it as text")
		return ""
	}
	return n.yaml.Value
}

// required reads a scalar that must be there and not empty.
func (d *document) required(n node, mend string) string {
	text := d.text(n)
	if text == "" && (n.absent() || n.yaml.Kind == yaml.ScalarNode) {
		d.complain(n, "is missing", mend)
	}
	return text
}

func (d *document) choice(n node, otherwise string, allowed ...string) string {
	text := d.text(n)
	if text == "" {
		return otherwise
	}
	if !slices.Contains(allowed, text) {
		d.complain(n, fmt.Sprintf("%q is not possible", text), "use one of "+strings.Join(allowed, ", "))
	}
	return text
}

func (d *document) duration(n node, mend string) time.Duration {
	text := d.required(n, mend)
	if text == "" {
		return 0
	}
	duration, err := time.ParseDuration(text)
	if err != nil || duration <= 0 {
		d.complain(n, fmt.Sprintf("%q is no duration above zero", text), mend)
	}
	return duration
}
