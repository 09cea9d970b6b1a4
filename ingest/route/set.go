// Package route reads routes.yaml: who may send, where it goes, and under which condition.
package route

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"backstop/ingest"
)

// Set is a routes file that was found right. It does not change.
type Set struct {
	Sources      []Source
	Destinations []Destination
	Routes       []Route

	version string
	sources map[string]Source
}

// Source is a sender and the sender's own way to say "rejected".
type Source struct {
	ingest.Source
	RejectedWhen string
	rejected     condition
}

// Tokens is how many tokens are active.
func (s Source) Tokens() int {
	unused := [sha256.Size]byte{}
	if s.TokenHashes[1] == unused {
		return 1
	}
	return 2
}

// Destination is where postbacks go.
type Destination struct {
	Name        string
	BaseURL     string
	URL         string
	Timeout     time.Duration
	Concurrency int
	Secrets     map[string]SecretName // by template variable
	template    template
}

// SecretName names a secret's value: the secret and the field in its JSON. The value itself is never in a routes file.
type SecretName struct{ Secret, Field string }

// Route sends what its condition selects to a destination. The first route that selects a postback has it.
type Route struct {
	Name      string
	When      string
	To        string
	Shadow    bool
	condition condition
	variables map[string]variable
}

// Options open what is refused by default.
type Options struct {
	AllowLoopback bool // http:// to this machine, for the local stack
}

// Load reads and checks the file. Its error joins every Problem found.
func Load(file string, options Options) (*Set, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the routes file: %w", err)
	}
	return Parse(file, data, options)
}

// Parse checks the text of a routes file; file is only for messages.
func Parse(file string, data []byte, options Options) (*Set, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, fmt.Errorf("%s: is no YAML: %w", file, err)
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("%s: is empty; it needs version, sources, destinations and routes", file)
	}
	d := &document{file: file}
	set := d.set(node{yaml: root.Content[0]}, options)
	if err := d.err(); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(data)
	set.version += "-" + hex.EncodeToString(digest[:4])
	return set, nil
}

// Version is the file's own version and the beginning of its digest: a change without a new version shows, too.
func (s *Set) Version() string { return s.version }

// Source implements ingest.Sources.
func (s *Set) Source(name string) (ingest.Source, bool) {
	source, known := s.sources[name]
	return source.Source, known
}

// Decide implements ingest.Router.
func (s *Set) Decide(p ingest.Postback) ingest.Decision {
	f := factsOf(p)
	decision := ingest.Decision{MMPRejected: s.sources[p.Source].rejected.holds(f.facts)}
	for _, route := range s.Routes {
		if route.condition.holds(f.facts) {
			decision.Route, decision.Destination, decision.Shadow = route.Name, route.To, route.Shadow
			decision.Variables = route.values(f)
			break
		}
	}
	return decision
}

func (r Route) values(f variableFacts) map[string]string {
	// Every attempt names the three ids of a conversion, so that SQL finds them under the same keys, empty or not.
	values := map[string]string{"transaction_id": "", "offer_id": "", "goal_id": ""}
	for name, variable := range r.variables {
		values[name] = variable.value(f)
	}
	return values
}

// Expand fills the destination's URL. Empty variables are left out, as a sender leaves out what it does not know.
func (d Destination) Expand(variables, secrets map[string]string) (string, error) {
	values := maps.Clone(variables)
	if values == nil {
		values = map[string]string{}
	}
	maps.Copy(values, secrets)
	values[baseVariable] = strings.TrimSuffix(d.BaseURL, "/")
	return d.template.expand(values)
}
