package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"backstop/ingest/route"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func (p *program) routesCommand() *cobra.Command {
	routes := &cobra.Command{
		Use:   "routes",
		Short: "Check the routes file: who may send postbacks, and where they go",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var options route.Options
	check := &cobra.Command{
		Use:     "check FILE",
		Short:   "Find every mistake in a routes file, or show what it does",
		Example: "  backstop routes check deploy/routes.yaml\n  backstop routes check deploy/routes.yaml --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("give one routes file, such as deploy/routes.yaml")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.checkRoutes(args[0], options) },
	}
	check.Flags().BoolVar(&options.AllowLoopback, "allow-loopback", false, "accept http:// to this machine, as the local stack does")
	routes.AddCommand(check)
	return routes
}

// routesCheck is the result of a check.
type routesCheck struct {
	File         string          `json:"file"`
	Version      string          `json:"version,omitempty"`
	Sources      []string        `json:"sources,omitempty"`
	Destinations []string        `json:"destinations,omitempty"`
	Routes       []checkedRoute  `json:"routes,omitempty"`
	Problems     []routesProblem `json:"problems"`
}

type checkedRoute struct {
	Name string `json:"name"`
	When string `json:"when"`
	To   string `json:"to"`
	Mode string `json:"mode"`
}

type routesProblem struct {
	Line int    `json:"line"`
	Path string `json:"path"`
	What string `json:"what"`
	Mend string `json:"mend"`
}

func (p *program) checkRoutes(file string, options route.Options) error {
	set, err := route.Load(file, options)
	if err != nil {
		return p.refuseRoutes(file, err)
	}
	if !p.asJSON {
		p.showRoutes(file, set)
		return nil
	}
	result := routesCheck{File: file, Version: set.Version(), Problems: []routesProblem{}}
	for _, s := range set.Sources {
		result.Sources = append(result.Sources, s.Name)
	}
	for _, d := range set.Destinations {
		result.Destinations = append(result.Destinations, d.Name)
	}
	for _, r := range set.Routes {
		result.Routes = append(result.Routes, checkedRoute{Name: r.Name, When: r.When, To: r.To, Mode: mode(r)})
	}
	return p.answer(result)
}

// refuseRoutes answers the problems as data, too, and fails with all of them as text.
func (p *program) refuseRoutes(file string, err error) error {
	problems := route.Problems(err)
	if p.asJSON && len(problems) > 0 {
		result := routesCheck{File: file}
		for _, found := range problems {
			result.Problems = append(result.Problems, routesProblem{found.Line, found.Path, found.What, found.Mend})
		}
		return errors.Join(err, p.answer(result))
	}
	return fmt.Errorf("the routes file is not right:\n%w", err)
}

func (p *program) showRoutes(file string, set *route.Set) {
	p.say("%s is right (version %s)", file, set.Version())
	var sources, destinations, routes []table.Row
	for _, s := range set.Sources {
		sources = append(sources, table.Row{s.Name, s.Tokens(), len(s.Networks), s.OnStoreFailure, s.RejectedWhen})
	}
	p.table(table.Row{"Source", "Tokens", "IP ranges", "On store failure", "Rejected when"}, sources)
	for _, d := range set.Destinations {
		secrets := strings.Join(slices.Sorted(maps.Keys(d.Secrets)), ", ")
		destinations = append(destinations, table.Row{d.Name, d.BaseURL, d.URL, d.Timeout, d.Concurrency, secrets})
	}
	p.table(table.Row{"Destination", "Base URL", "URL", "Timeout", "Sends at a time", "Secrets"}, destinations)
	for _, r := range set.Routes {
		routes = append(routes, table.Row{r.Name, r.When, r.To, mode(r)})
	}
	p.table(table.Row{"Route (the first that fits)", "When", "To", "Mode"}, routes)
}

func mode(r route.Route) string {
	if r.Shadow {
		return "shadow"
	}
	return "live"
}
