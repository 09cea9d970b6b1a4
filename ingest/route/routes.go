package route

import (
	"fmt"
	"slices"
)

func (d *document) route(n node, set *Set) Route {
	fields := d.fields(n, "name", "when", "to", "set", "mode")
	route := Route{
		Name:      d.required(fields["name"], "give the route a name"),
		When:      d.required(fields["when"], `write a condition such as source == "appsflyer"`),
		To:        d.required(fields["to"], "name one of the destinations"),
		Shadow:    d.choice(fields["mode"], "live", "live", "shadow") == "shadow",
		variables: map[string]variable{},
	}
	if slices.ContainsFunc(set.Routes, func(other Route) bool { return other.Name == route.Name }) {
		d.complain(fields["name"], fmt.Sprintf("%q names two routes", route.Name), "give each route its own name")
	}
	if route.When != "" {
		route.condition = d.condition(fields["when"])
	}
	names, values := d.mapping(fields["set"])
	for _, name := range names {
		route.variables[name] = d.variable(name, values[name])
	}
	d.destinationOf(route, fields, set)
	return route
}

func (d *document) variable(name string, n node) variable {
	if !variableName.MatchString(name) || name == baseVariable {
		d.complain(n, fmt.Sprintf("%q is no name for a variable", name), "use lower-case letters, digits and _, but not "+baseVariable)
	}
	compiled, err := compileVariable(d.required(n, "write an expression such as params.clickid"))
	if err != nil {
		d.complain(n, "is no expression: "+oneLine(err), `use source, params.NAME, postback_id, or a "text" in quotes`)
	}
	return compiled
}

// destinationOf checks that the route and its destination's template name the same variables: one that only the one knows is a misspelling.
func (d *document) destinationOf(route Route, fields map[string]node, set *Set) {
	at := slices.IndexFunc(set.Destinations, func(destination Destination) bool { return destination.Name == route.To })
	if at < 0 {
		if route.To != "" {
			d.complain(fields["to"], fmt.Sprintf("there is no destination %q", route.To), "name one of the destinations of this file")
		}
		return
	}
	destination := set.Destinations[at]
	if destination.template.parsed == nil {
		return
	}
	for name := range route.variables {
		if _, secret := destination.Secrets[name]; secret {
			d.complain(fields["set"], fmt.Sprintf("%s is a secret of %s", name, route.To), "take it out of set")
		} else if !slices.Contains(destination.template.names(), name) {
			d.complain(fields["set"], fmt.Sprintf("the template of %s has no {%s}", route.To, name), "spell it as in the template, or take it out")
		}
	}
}
