package load_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"backstop/local/redshift/load"
)

// memory is a bucket.
type memory map[string][]byte

func (m memory) Open(_ context.Context, bucket, key string) (*load.Object, error) {
	content, ok := m[key]
	if !ok {
		return nil, fmt.Errorf("s3://%s/%s: %w", bucket, key, fs.ErrNotExist)
	}
	return &load.Object{ReadCloser: io.NopCloser(bytes.NewReader(content)), ETag: "e-" + key, Size: int64(len(content)), Modified: time.Unix(0, 0)}, nil
}

func (m memory) List(_ context.Context, _, prefix string) ([]string, error) {
	var keys []string
	for _, key := range []string{"a", "b", "c"} {
		if _, ok := m[key]; ok && strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func run(t *testing.T, content string, tolerated int, limits load.Limits) ([]string, load.Report, error) {
	t.Helper()
	return runPlan(t, memory{"a": []byte(content)}, load.Plan{Source: "s3://bucket/a", Tolerated: tolerated, Limits: limits})
}

func runPlan(t *testing.T, files load.Files, plan load.Plan) ([]string, load.Report, error) {
	t.Helper()
	var rows []string
	report, err := load.Run(t.Context(), files, plan, func(r load.Row) error {
		rows = append(rows, string(r.Document))
		return nil
	})
	return rows, report, err
}

func TestDocuments(t *testing.T) {
	for _, c := range []struct {
		name, content string
		rows          []string
		lines         int64
	}{
		{"lines", "{\"a\":1}\n{\"b\":2}\n", []string{`{"a":1}`, `{"b":2}`}, 2},
		{"no newline at the end", "{}\n[]", []string{"{}", "[]"}, 2},
		{"blank lines and CRLF", "{}\r\n\r\n{}\r\n", []string{"{}", "{}"}, 3},
		{"two on a line", `{"a":1} {"b":2}` + "\n", []string{`{"a":1}`, `{"b":2}`}, 1},
		{"one over several lines", "{\n \"a\": [\n1, 2]\n}\n", []string{"{\n \"a\": [\n1, 2]\n}"}, 4},
		{"an array at the top", `[{"a":1}, {"b":2}]` + "\n", []string{`[{"a":1}, {"b":2}]`}, 1},
		{"empty file", "", nil, 0},
		{"escapes", `{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, []string{`{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`}, 1},
		{"numbers", `[0,-0,1.5,1e3,-2E-7]`, []string{`[0,-0,1.5,1e3,-2E-7]`}, 1},
		{"same key in different objects", `{"a":{"a":1},"b":{"a":[{"a":2},{"a":3}]}}`, []string{`{"a":{"a":1},"b":{"a":[{"a":2},{"a":3}]}}`}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, report, err := run(t, c.content, 0, load.RedshiftLimits())
			if err != nil {
				t.Fatal(err)
			}
			if strings.Join(rows, "|") != strings.Join(c.rows, "|") || report.Files[0].Lines != c.lines {
				t.Errorf("rows %q in %d lines, want %q in %d", rows, report.Files[0].Lines, c.rows, c.lines)
			}
		})
	}
}

func TestBadLinesAreToldAndSkipped(t *testing.T) {
	limits := load.Limits{Document: 100, String: 10, Depth: 5}
	for _, c := range []struct{ name, bad, reason string }{
		{"cut off", `{"a":1`, "the object or array must stand here"},
		{"text", `hello`, "an object or an array must stand here"},
		{"a bare number", `12`, "an object or an array must stand here"},
		{"byte order mark", "\xef\xbb\xbf{}", "an object or an array must stand here"},
		{"control character", "{\"a\":\"x\x01\"}", "a control character must be escaped"},
		{"invalid UTF-8", "{\"a\":\"\xff\xfe\"}", "invalid UTF-8 in a string"},
		{"NUL", `{"a":"\u0000"}`, "NUL"},
		{"half a surrogate", `{"a":"\ud83d"}`, "surrogate"},
		{"unknown escape", `{"a":"\x"}`, "unknown escape"},
		{"duplicate key", `{"a":1,"a":2}`, `duplicate attribute "a"`},
		{"long string", `{"a":"01234567890"}`, "longer than 10 bytes"},
		{"long string of escapes", `{"a":"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"}`, "longer than 10 bytes"},
		{"long document", `{"a":[` + strings.Repeat("1,", 60) + `1]}`, "longer than 100 bytes"},
		{"deep nesting", `[[[[[[1]]]]]]`, "deeper than 5 levels"},
		{"trailing comma", `{"a":1,}`, "an attribute's name must stand here"},
		{"missing colon", `{"a" 1}`, "a colon must stand here"},
		{"leading zero", `[01]`, "a number must not start with 0"},
		{"a point without digits", `[1.]`, "a digit must stand here"},
		{"unknown word", `[nil]`, "a value must stand here"},
		{"wrong bracket", `{"a":1]`, "a comma or the end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := "{\"n\":1}\n" + c.bad + "\n{\"n\":2}\n"
			rows, report, err := run(t, content, 5, limits)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Join(rows, "") != `{"n":1}{"n":2}` {
				t.Errorf("good rows %q", rows)
			}
			if len(report.Bad) != 1 || !strings.Contains(report.Bad[0].Reason, c.reason) || report.Bad[0].Line != 2 {
				t.Errorf("bad lines %+v, want line 2: %s", report.Bad, c.reason)
			}
			if report.Files[0].Lines != 3 {
				t.Errorf("%d lines", report.Files[0].Lines)
			}
			var many *load.TooManyBadLinesError
			if _, _, err := run(t, content, 0, limits); !errors.As(err, &many) {
				t.Errorf("without tolerance: %v", err)
			}
		})
	}
}

func gz(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.Bytes()
}

func TestCompressedFiles(t *testing.T) {
	var z bytes.Buffer
	w, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(`{"a":1}`))
	w.Close()
	whole := gz(`{"a":1}` + "\n" + strings.Repeat(`{"b":"`+strings.Repeat("x", 50)+`"}`+"\n", 5000))
	for _, c := range []struct {
		name        string
		content     []byte
		compression load.Compression
		rows        int
		wrong       string
	}{
		{"gzip", gz(`{"a":1}`), load.Gzip, 1, ""},
		{"gzip in two parts", append(gz("{}\n"), gz("{}\n")...), load.Gzip, 2, ""},
		{"zstd", z.Bytes(), load.Zstd, 1, ""},
		{"not gzip", []byte("{}"), load.Gzip, 0, "not gzip"},
		{"gzip cut off", whole[:len(whole)/2], load.Gzip, -1, "breaks off"},
		{"not zstd", []byte("{}"), load.Zstd, 0, "breaks off"},
		{"gzip taken for plain", gz("{}"), load.Plain, 0, "an object or an array must stand here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, report, err := runPlan(t, memory{"a": c.content}, load.Plan{Source: "s3://bucket/a", Compression: c.compression, Limits: load.RedshiftLimits()})
			if (err != nil) != (c.wrong != "") {
				t.Fatalf("error %v, want %q", err, c.wrong)
			}
			if c.rows >= 0 && len(rows) != c.rows {
				t.Errorf("%d rows, want %d", len(rows), c.rows)
			}
			if c.wrong != "" && (len(report.Bad) != 1 || !strings.Contains(report.Bad[0].Reason, c.wrong)) {
				t.Errorf("told %+v, want %q", report.Bad, c.wrong)
			}
		})
	}
}

func TestAFileThatBreaksOffIsNeverTolerated(t *testing.T) {
	whole := gz(strings.Repeat("{}\n", 100000))
	_, _, err := runPlan(t, memory{"a": whole[:len(whole)/2]}, load.Plan{Source: "s3://bucket/a", Compression: load.Gzip, Tolerated: 1000, Limits: load.RedshiftLimits()})
	var many *load.TooManyBadLinesError
	if !errors.As(err, &many) {
		t.Errorf("error %v", err)
	}
}

func TestManifests(t *testing.T) {
	for _, c := range []struct {
		name, manifest string
		rows           int
		missing        bool
		wrong          string
	}{
		{"two files", `{"entries":[{"url":"s3://bucket/a","mandatory":true},{"url":"s3://bucket/b"}]}`, 2, false, ""},
		{"a file may be missing by default", `{"entries":[{"url":"s3://bucket/a"},{"url":"s3://bucket/gone"}]}`, 1, false, ""},
		{"a mandatory file is missing", `{"entries":[{"url":"s3://bucket/gone","mandatory":true}]}`, 0, true, "gone"},
		{"all are missing", `{"entries":[{"url":"s3://bucket/gone"}]}`, 0, true, "none of its files"},
		{"no entries", `{"entries":[]}`, 0, false, "no entries"},
		{"no JSON", `nothing`, 0, false, "manifest"},
		{"no S3 URL", `{"entries":[{"url":"http://bucket/a"}]}`, 0, false, "no s3://bucket/key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := memory{"a": []byte("{}"), "b": []byte("{}"), "m": []byte(c.manifest)}
			rows, _, err := runPlan(t, files, load.Plan{Source: "s3://bucket/m", Manifest: true, Limits: load.RedshiftLimits()})
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Fatalf("error %v, want %q", err, c.wrong)
			}
			var file *load.FileError
			if missing := errors.As(err, &file) && file.Missing; missing != c.missing {
				t.Errorf("missing: %t", missing)
			}
			if c.wrong == "" && len(rows) != c.rows {
				t.Errorf("%d rows, want %d", len(rows), c.rows)
			}
		})
	}
}

func TestAPrefixWithoutFilesIsAnError(t *testing.T) {
	_, _, err := runPlan(t, memory{"a": nil}, load.Plan{Source: "s3://bucket/x", Limits: load.RedshiftLimits()})
	var file *load.FileError
	if !errors.As(err, &file) || !file.Missing {
		t.Errorf("error %v", err)
	}
}

// Whatever encoding/json writes is loaded unchanged, however the reader cuts it.
func TestEveryDocumentThatGoWritesIsLoaded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.MapOf(rapid.StringMatching(`[a-z_]{1,8}`), rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "") }),
			rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }),
			rapid.Map(rapid.SliceOf(rapid.Bool()), func(b []bool) any { return b }))).Draw(t, "document")
		document, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(1, 50).Draw(t, "times")
		rows := 0
		files := slow{memory{"a": bytes.Repeat(append(document, '\n'), n)}}
		report, err := load.Run(context.Background(), files, load.Plan{Source: "s3://bucket/a", Limits: load.RedshiftLimits()}, func(r load.Row) error {
			rows++
			if !bytes.Equal(r.Document, document) || r.Line != int64(rows) {
				t.Fatalf("row %q at line %d, want %q at %d", r.Document, r.Line, document, rows)
			}
			return nil
		})
		if err != nil || rows != n || report.Files[0].Lines != int64(n) {
			t.Fatalf("%d rows of %d, %v, %+v", rows, n, err, report)
		}
	})
}

// slow gives a byte at a time.
type slow struct{ memory }

func (s slow) Open(ctx context.Context, bucket, key string) (*load.Object, error) {
	o, err := s.memory.Open(ctx, bucket, key)
	if err == nil {
		o.ReadCloser = io.NopCloser(oneByte{o.ReadCloser})
	}
	return o, err
}

type oneByte struct{ io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.Reader.Read(p[:1]) }

// A document passes exactly if encoding/json takes it and it has none of what SUPER cannot hold.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `[1,"x",null,true]`, `{"a":{"b":[{}]}}`, `{"a":"\u00e9"}`, `{"a":1,"a":2}`, `[1.5e-3]`, "{\"a\":\"\xff\"}", `["\ud83d\ude00"]`, `{`, `[]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		if bytes.ContainsAny(document, "\n") || len(bytes.TrimSpace(document)) == 0 {
			t.Skip()
		}
		var rows [][]byte
		_, err := load.Run(t.Context(), memory{"a": document}, load.Plan{Source: "s3://bucket/a", Limits: load.RedshiftLimits()}, func(r load.Row) error {
			rows = append(rows, bytes.Clone(r.Document))
			return nil
		})
		if err == nil {
			for _, row := range rows {
				if !json.Valid(row) {
					t.Errorf("loaded %q, which is no JSON", row)
				}
			}
			return
		}
		first := bytes.TrimSpace(document)[0]
		if (first == '{' || first == '[') && json.Valid(document) && utf8.Valid(document) && !bytes.ContainsAny(document, `\`) && !repeatsKey(document) {
			t.Errorf("refused %q: %v", document, err)
		}
	})
}

// repeatsKey finds an object with the same key twice.
func repeatsKey(document []byte) bool {
	d := json.NewDecoder(bytes.NewReader(document))
	var read func() bool
	read = func() bool {
		token, err := d.Token()
		if err != nil {
			return false
		}
		seen := map[string]bool{}
		repeated := false
		switch token {
		case json.Delim('{'):
			for d.More() {
				key, _ := d.Token()
				name, _ := key.(string)
				repeated = repeated || seen[name]
				seen[name] = true
				repeated = read() || repeated
			}
			d.Token()
		case json.Delim('['):
			for d.More() {
				repeated = read() || repeated
			}
			d.Token()
		}
		return repeated
	}
	return read()
}
