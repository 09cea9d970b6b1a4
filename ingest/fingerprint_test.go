package ingest_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"backstop/ingest"
)

func TestFingerprintTellsNeighboursApart(t *testing.T) {
	requests := []struct {
		name   string
		source string
		query  string
		body   string
	}{
		{"plain", "appsflyer", "a=1&b=2", ""},
		{"other source", "adjust", "a=1&b=2", ""},
		{"other value", "appsflyer", "a=1&b=3", ""},
		{"a boundary moved", "appsflyer", "a=1b&=2", ""},
		{"a boundary in the text", "appsflyer", "a=1%26b%3D2", ""},
		{"one more", "appsflyer", "a=1&b=2&c=", ""},
		{"repeated", "appsflyer", "a=1&b=2&b=2", ""},
		{"a parameter as body", "appsflyer", "a=1", "b=2"},
		{"source and name run together", "appsflyera", "=1&b=2", ""},
		{"other case of a name", "appsflyer", "A=1&b=2", ""},
	}
	seen := map[string]string{}
	for _, r := range requests {
		sum := ingest.Fingerprint(r.source, ingest.ParseParams(r.query), r.body)
		if len(sum) != 64 {
			t.Errorf("%s: %q is not 64 digits", r.name, sum)
		}
		if other, taken := seen[sum]; taken {
			t.Errorf("%s has the fingerprint of %s", r.name, other)
		}
		seen[sum] = r.name
	}
}

func TestFingerprintIsOneToOneUpToTheOrder(t *testing.T) {
	type input struct {
		Source, Body string
		Params       ingest.Params
	}
	draw := rapid.Custom(func(t *rapid.T) input {
		few := rapid.StringMatching(`[ab=&]{0,3}`)
		in := input{Source: few.Draw(t, "source"), Body: few.Draw(t, "body")}
		for range rapid.IntRange(0, 3).Draw(t, "params") {
			in.Params = append(in.Params, ingest.Param{Key: few.Draw(t, "key"), Value: few.Draw(t, "value")})
		}
		return in
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		same := canonical(a.Source, a.Params, a.Body) == canonical(b.Source, b.Params, b.Body)
		if got := ingest.Fingerprint(a.Source, a.Params, a.Body) == ingest.Fingerprint(b.Source, b.Params, b.Body); got != same {
			t.Fatalf("equal fingerprints: %v, equal requests: %v", got, same)
		}
		shuffled := append(ingest.Params{}, a.Params...)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if ingest.Fingerprint(a.Source, shuffled, a.Body) != ingest.Fingerprint(a.Source, a.Params, a.Body) {
			t.Fatal("the order of the parameters shows")
		}
	})
}

// canonical is another way to say "the same request": counted parameters, as JSON with sorted keys.
func canonical(source string, params ingest.Params, body string) string {
	counts := map[string]map[string]int{}
	for _, p := range params {
		if counts[p.Key] == nil {
			counts[p.Key] = map[string]int{}
		}
		counts[p.Key][p.Value]++
	}
	text, _ := json.Marshal([]any{source, counts, body})
	return string(text)
}
