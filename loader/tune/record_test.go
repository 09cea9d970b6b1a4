package tune_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"backstop/loader/tune"

	"pgregory.net/rapid"
)

func (b *bench) wait() func(context.Context, time.Duration) error {
	return func(context.Context, time.Duration) error { return nil }
}

type archiveFunc func(key string) error

func (f archiveFunc) Put(_ context.Context, key string, _ []byte) error { return f(key) }

// fetchOffer archives one offer with the given fields and gives its line.
func fetchOffer(t *testing.T, fields map[string]any) map[string]any {
	t.Helper()
	rows, err := json.Marshal([]any{map[string]any{"Offer": fields}})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(int, url.Values) (int, string) { return 200, response(`{"status":1,"data":%s}`, rows) })
	if _, err := b.FetchAll(context.Background(), tune.Offers); err != nil {
		t.Fatal(err)
	}
	return b.archive.lines(t, "tune_offers/")[0]
}

// Whatever TUNE's texts hold, the line is loadable: keys in lower case, no NUL, no string above 48 KiB escaped; and nothing is lost.
func TestEveryArchivedTextIsLoadableAndWhole(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		value := rapid.OneOf(
			rapid.String(),
			rapid.StringOfN(rapid.SampledFrom([]rune{0, 1, '"', '\\', 'a', 'é', '漢', 0x2028}), 0, 40_000, -1),
		).Draw(r, "value")
		line := fetchOffer(t, map[string]any{"id": "1", "Name": value})
		if back := textOf(r, line); back != value {
			r.Fatalf("came back as %q", back)
		}
		for key, v := range line {
			if strings.ContainsFunc(key, unicode.IsUpper) {
				r.Fatalf("key %q", key)
			}
			for _, piece := range piecesOf(v) {
				escaped, err := json.Marshal(piece)
				if err != nil || len(escaped) > 48<<10+2 || strings.ContainsRune(piece, 0) {
					r.Fatalf("a string of %d bytes escaped, err %v", len(escaped), err)
				}
			}
		}
	})
}

func textOf(r *rapid.T, line map[string]any) string {
	if packed, ok := line["name_base64"]; ok {
		text, err := base64.StdEncoding.DecodeString(strings.Join(piecesOf(packed), ""))
		if err != nil {
			r.Fatal(err)
		}
		return string(text)
	}
	return strings.Join(piecesOf(line["name"]), "")
}

func piecesOf(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var pieces []string
		for _, piece := range v {
			pieces = append(pieces, piecesOf(piece)...)
		}
		return pieces
	default:
		return nil
	}
}

func TestValuesStayAsTheyCame(t *testing.T) {
	line := fetchOffer(t, map[string]any{"id": "1", "Payout": "1080.00000", "Count": json.Number("3"), "Nothing": nil, "Deep": map[string]any{"Inner": []any{"x", true}}, "NAME": "upper", "name": "lower"})
	delete(line, "fetch_id")
	delete(line, "observed_at")
	text, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"count":3,"deep":{"inner":["x",true]},"id":"1","name":"lower","nothing":null,"payout":"1080.00000","v":1}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}
