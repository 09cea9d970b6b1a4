package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// routes is deploy/routes.yaml with what a deployment sets itself: its tokens' hashes and where its destinations are.
type routes struct{ document map[string]any }

func readRoutes(file string) (routes, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return routes{}, fmt.Errorf("read the routes: %w", err)
	}
	var r routes
	if err := yaml.Unmarshal(text, &r.document); err != nil {
		return routes{}, fmt.Errorf("read the routes %s: %w", file, err)
	}
	return r, nil
}

func (r routes) section(name string) map[string]any {
	section, _ := r.document[name].(map[string]any)
	return section
}

// sources lists the names of the sources, sorted.
func (r routes) sources() []string {
	var names []string
	for name := range r.section("sources") {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// write puts the routes into file with the given tokens, every destination at base.
func (r routes) write(file, base string, tokens map[string]string) error {
	for name, entry := range r.section("sources") {
		hash := sha256.Sum256([]byte(tokens[name]))
		entry.(map[string]any)["tokens"] = []string{"sha256:" + hex.EncodeToString(hash[:])}
	}
	for _, entry := range r.section("destinations") {
		entry.(map[string]any)["base_url"] = base
	}
	text, err := yaml.Marshal(r.document)
	if err != nil {
		return fmt.Errorf("encode the local routes: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write the local routes: %w", err)
	}
	return nil
}
