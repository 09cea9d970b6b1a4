package ingest_test

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"backstop/ingest"
)

func TestParseParams(t *testing.T) {
	tests := []struct {
		name, raw string
		want      ingest.Params
	}{
		{"nothing", "", nil},
		{"pairs in order", "b=2&a=1", ingest.Params{{"b", "2"}, {"a", "1"}}},
		{"repeated keys stay", "a=1&a=2", ingest.Params{{"a", "1"}, {"a", "2"}}},
		{"the key's own spelling stays", "ClickID=x", ingest.Params{{"ClickID", "x"}}},
		{"plus and percent-20 are blanks", "a=x+y%20z", ingest.Params{{"a", "x y z"}}},
		{"no equals sign", "flag", ingest.Params{{"flag", ""}}},
		{"no name", "=x", ingest.Params{{"", "x"}}},
		{"an equals sign in the value", "a=b=c", ingest.Params{{"a", "b=c"}}},
		{"empty segments", "&&a=1&", ingest.Params{{"a", "1"}}},
		{"a semicolon is data", "a=1;b=2", ingest.Params{{"a", "1;b=2"}}},
		{"an unresolved macro", "s={sub4}&t=(x)&u=%7Bsub5%7D", ingest.Params{{"s", "{sub4}"}, {"t", "(x)"}, {"u", "{sub5}"}}},
		{"malformed escapes stay", "a=%zz&b=%4&c=%&d=100%25%", ingest.Params{{"a", "%zz"}, {"b", "%4"}, {"c", "%"}, {"d", "100%%"}}},
		{"either case of hex digits", "a=%c3%A9", ingest.Params{{"a", "é"}}},
		{"decoded once only", "a=%2541", ingest.Params{{"a", "%41"}}},
		{"bytes that are no text", "a=%ff%00", ingest.Params{{"a", "\xff\x00"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ingest.ParseParams(test.raw); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFirstLowersASCIIOnlyAndKeepsTheFirstValue(t *testing.T) {
	kelvin := "\u212A" // lower-casing by Unicode would make it a plain k
	got := ingest.Params{{"ClickID", "1"}, {"clickid", "2"}, {kelvin, "3"}, {"É", "4"}}.First()
	want := map[string]string{"clickid": "1", kelvin: "3", "É": "4"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParamsReadABodyByItsType(t *testing.T) {
	tests := []struct{ contentType, body, want string }{
		{"application/x-www-form-urlencoded", "b=body", "body"},
		{"Application/X-WWW-Form-Urlencoded; charset=UTF-8", "b=body", "body"},
		{"application/json; charset=utf-8", `{"b":"body"}`, "body"},
		{"application/json", "b=body", ""},
		{"text/plain", "b=body", ""},
		{"", "b=body", ""},
	}
	for _, test := range tests {
		p := ingest.Postback{RawQuery: "a=query", Body: test.body, Headers: map[string]string{"content-type": test.contentType}}
		first := p.Params().First()
		if first["a"] != "query" || first["b"] != test.want {
			t.Errorf("%q: got %v", test.contentType, first)
		}
	}
}

// Where net/url accepts a query, we read the same; where it refuses one, we still lose no segment.
func FuzzParseParams(f *testing.F) {
	for _, seed := range []string{"a=1&b=2", "a=%zz", "a;b=c", "=&&=", "a=%E9+%00", "%41=1&A=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		params := ingest.ParseParams(raw)
		segments := 0
		for segment := range strings.SplitSeq(raw, "&") {
			if segment != "" {
				segments++
			}
		}
		if len(params) != segments {
			t.Fatalf("%d parameters of %d segments", len(params), segments)
		}
		want, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		got := url.Values{}
		for _, p := range params {
			got.Add(p.Key, p.Value)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %q, net/url reads %q", got, want)
		}
	})
}
