package route

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/yosida95/uritemplate/v3"
)

// baseVariable is the template variable that stands for the destination's base_url.
const baseVariable = "base"

// template is an RFC 6570 URI template: it escapes each value for the place where it stands.
type template struct{ parsed *uritemplate.Template }

func parseTemplate(text string) (template, error) {
	parsed, err := uritemplate.New(text)
	if err != nil {
		return template{}, fmt.Errorf("is no RFC 6570 template: %w", err)
	}
	return template{parsed}, nil
}

func (t template) names() []string { return t.parsed.Varnames() }

// startsAtBase says whether the address comes from base_url alone: a postback's values must never choose the host.
func startsAtBase(text string) bool {
	return strings.HasPrefix(text, "{+"+baseVariable+"}/")
}

func (t template) expand(values map[string]string) (string, error) {
	filled := uritemplate.Values{}
	for name, value := range values {
		if value != "" {
			filled.Set(name, uritemplate.String(bytewise(value)))
		}
	}
	url, err := t.parsed.Expand(filled)
	if err != nil {
		return "", fmt.Errorf("fill the URL template: %w", err)
	}
	return url, nil
}

// bytewise makes each byte a character of its own. uritemplate 3.0.2 escapes a character by its number where RFC 6570 (section 1.6) asks for
// its UTF-8 bytes: é would go out as %E9. A character below 256 is the byte itself, so this gives %C3%A9, and carries bytes that are no text,
// too. Only a NUL is lost.
func bytewise(s string) string {
	characters := make([]rune, len(s))
	for i := range len(s) {
		characters[i] = rune(s[i])
	}
	return string(characters)
}

// variableName is what a template variable may be called: what is lower-case stays readable as a key in Redshift.
var variableName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
