package gateway_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"backstop/local/clock"
	"backstop/local/gateway"
)

func TestAnyQueryReachesTheFunctionByteForByte(t *testing.T) {
	f := &function{}
	g, err := gateway.New(gateway.Options{Clock: clock.At(noon), Routes: []gateway.Route{{Method: "ANY", Path: "/p/{rest+}", Function: f}}})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		query := rapid.StringOfN(rapid.RuneFrom(nil, visible()...), 0, 200, -1).Draw(t, "query")
		request := httptest.NewRequest(http.MethodGet, "/p/x", nil)
		request.RequestURI = "/p/x/y?" + query
		g.ServeHTTP(httptest.NewRecorder(), request)
		if f.event.RawQueryString != query || f.event.PathParameters["rest"] != "x/y" {
			t.Fatalf("rawQueryString = %q, want %q; parameters %v", f.event.RawQueryString, query, f.event.PathParameters)
		}
	})
}

// visible are the bytes that a request line may hold.
func visible() []*unicode.RangeTable {
	return []*unicode.RangeTable{{R16: []unicode.Range16{{Lo: 0x21, Hi: 0x7e, Stride: 1}}, LatinOffset: 1}}
}

func FuzzEvent(f *testing.F) {
	f.Add("a=%zz&b=;", "text/plain; =", "\xff")
	f.Add("%", "application/json", `{"a":1}`)
	f.Fuzz(func(t *testing.T, query, kind, body string) {
		fn := &function{}
		g, err := gateway.New(gateway.Options{Clock: clock.At(noon), Routes: []gateway.Route{{Method: "POST", Path: "/p", Function: fn}}})
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodPost, "/p", strings.NewReader(body))
		request.RequestURI = "/p?" + query
		request.Header.Set("Content-Type", kind)
		g.ServeHTTP(httptest.NewRecorder(), request)
		got := fn.event.Body
		if fn.event.IsBase64Encoded {
			text, err := base64.StdEncoding.DecodeString(got)
			if err != nil {
				t.Fatal(err)
			}
			got = string(text)
		}
		if len(query)+len(kind) < 5_000 && got != body {
			t.Errorf("body = %q, want %q", got, body)
		}
	})
}
