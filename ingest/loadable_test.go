package ingest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"backstop/ingest"
)

// loadable says why Redshift could not load the line; it is written against the facts about COPY, not against the encoder.
func loadable(line []byte) error {
	switch {
	case len(line) == 0 || line[len(line)-1] != '\n' || bytes.Count(line, []byte("\n")) != 1:
		return fmt.Errorf("is not one line")
	case len(line)-1 > 900<<10:
		return fmt.Errorf("has %d bytes", len(line))
	case !utf8.Valid(line):
		return fmt.Errorf("is not UTF-8")
	case bytes.IndexByte(line, 0) >= 0 || bytes.Contains(line, []byte(`\u0000`)) && !bytes.Contains(line, []byte(`\\u0000`)):
		return fmt.Errorf("holds a NUL")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if err := loadableValue(dec); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("goes on after its object")
	}
	return nil
}

func loadableValue(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case json.Delim:
		return loadableInside(dec, token)
	case string:
		return loadableString(token)
	}
	return nil
}

func loadableInside(dec *json.Decoder, open json.Delim) error {
	names := map[string]bool{}
	for dec.More() {
		if open == '{' {
			name, err := dec.Token()
			if err != nil {
				return err
			}
			if err := loadableName(name.(string), names); err != nil {
				return err
			}
		}
		if err := loadableValue(dec); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func loadableName(name string, names map[string]bool) error {
	switch {
	case names[name]:
		return fmt.Errorf("the name %.40q is there twice", name)
	case name == "":
		return fmt.Errorf("a name is empty")
	case len(name) > 400:
		return fmt.Errorf("a name has %d bytes", len(name))
	case strings.ContainsAny(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
		return fmt.Errorf("the name %.40q is not in lower case", name)
	}
	names[name] = true
	return loadableString(name)
}

func loadableString(s string) error {
	escaped := &bytes.Buffer{}
	enc := json.NewEncoder(escaped)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return err
	}
	// The standard encoder escapes U+2028 and U+2029, which take three bytes as they are.
	size := escaped.Len() - 3 - 3*strings.Count(s, "\u2028") - 3*strings.Count(s, "\u2029")
	if size > 48<<10 {
		return fmt.Errorf("a string has %d bytes", size)
	}
	if strings.IndexByte(s, 0) >= 0 {
		return fmt.Errorf("a string holds a NUL")
	}
	return nil
}

// read puts a text of a record together again: a string, an array of chunks, or either as base64 under name_base64.
func read(record map[string]any, name string) (string, error) {
	if value, ok := record[name]; ok {
		return joined(value), nil
	}
	decoded, err := base64.StdEncoding.DecodeString(joined(record[name+"_base64"]))
	return string(decoded), err
}

func joined(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []any:
		var b strings.Builder
		for _, chunk := range value {
			b.WriteString(chunk.(string))
		}
		return b.String()
	}
	return ""
}

func decoded(line []byte) (map[string]any, error) {
	var record map[string]any
	err := json.Unmarshal(line, &record)
	return record, err
}

// faithful says what the record of a postback lost.
func faithful(p ingest.Postback, line []byte) error {
	record, err := decoded(line)
	if err != nil {
		return err
	}
	for name, want := range map[string]string{"raw_query": p.RawQuery, "body": p.Body, "user_agent": p.UserAgent, "path": p.Path} {
		if got, err := read(record, name); err != nil || got != want {
			return fmt.Errorf("%s is %.60q, sent was %.60q (%v)", name, got, want, err)
		}
	}
	return nil
}
