package ingest_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"backstop/ingest"
)

func TestParseJSON(t *testing.T) {
	tests := []struct {
		name, body string
		want       ingest.Params
	}{
		{"members in order", `{"b":"2","a":"1"}`, ingest.Params{{"b", "2"}, {"a", "1"}}},
		{"a key twice", `{"a":"1","a":"2"}`, ingest.Params{{"a", "1"}, {"a", "2"}}},
		{"numbers as written", `{"big":12345678901234567890,"money":4.990,"small":1e-7}`, ingest.Params{{"big", "12345678901234567890"}, {"money", "4.990"}, {"small", "1e-7"}}},
		{"words", `{"yes":true,"no":false,"none":null,"empty":""}`, ingest.Params{{"yes", "true"}, {"no", "false"}, {"none", "null"}, {"empty", ""}}},
		{"inner objects by their path", `{"device":{"os":{"name":"iOS"},"id":"x"},"a":"1"}`, ingest.Params{{"device.os.name", "iOS"}, {"device.id", "x"}, {"a", "1"}}},
		{"a list stays one value", `{"items":[1,{"a":"b"}]}`, ingest.Params{{"items", `[1,{"a":"b"}]`}}},
		{"escapes", `{"a":"caf\u00e9\u0000"}`, ingest.Params{{"a", "café\x00"}}},
		{"blanks around", " \n{\"a\":\"1\"} \n", ingest.Params{{"a", "1"}}},
		{"nothing in it", `{}`, nil},
		{"no object", `["a"]`, nil},
		{"no JSON", `a=1`, nil},
		{"nothing at all", ``, nil},
		{"cut off", `{"a":"1","b":`, nil},
		{"two documents", `{"a":"1"}{"a":"2"}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ingest.ParseJSON(test.body); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// However deep a body goes, it is taken apart eight levels and costs about its length.
func TestParseJSONStopsAtADepth(t *testing.T) {
	const levels = 9_000
	body := strings.Repeat(`{"a":`, levels) + `"x"` + strings.Repeat(`}`, levels)
	params := ingest.ParseJSON(body)
	if len(params) != 1 || params[0].Key != "a.a.a.a.a.a.a.a" || !strings.HasPrefix(params[0].Value, `{"a":`) {
		t.Errorf("%d parameters", len(params))
	}
	if params := ingest.ParseJSON(strings.Repeat(`{"a":`, 100_000)); params != nil {
		t.Errorf("%d parameters of what is no document", len(params))
	}
}

// Whatever comes, nothing panics, and what JSON calls an object has as many parameters as it has members that are no objects.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `{"a":{"b":[1]},"c":null}`, `{"a":"\ud800"}`, `[1]`, `{"a":1}x`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		params := ingest.ParseJSON(body)
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(body), &object) != nil && params != nil {
			t.Fatalf("%d parameters of what is no JSON object", len(params))
		}
		for name, value := range object {
			if !strings.HasPrefix(string(value), "{") && !has(params, name) {
				t.Fatalf("the member %q is missing", name)
			}
		}
	})
}

func has(params ingest.Params, name string) bool {
	for _, p := range params {
		if p.Key == name {
			return true
		}
	}
	return false
}
