package tune

import (
	"fmt"
	"net/http"
	"strings"

	"backstop/ingest"
)

// said is how TUNE's words are understood.
type said struct {
	words   string // lower-case, anywhere in err_msg
	outcome ingest.Outcome
}

// table reads TUNE's err_msg; the first entry that fits counts. TUNE documents "Invalid Trans. ID #….", and names "Duplicate conversion"
// without its exact form (support.tune.com, "Receiving Conversions via Postback URL"); the rest of its list is not public. What is not in
// the table is a refusal in words we do not know, which is final and kept with them.
func table() []said {
	return []said{
		{"duplicate", ingest.Duplicate},
		{"already", ingest.Duplicate},
		{"invalid", ingest.Rejected},
		{"try again", ingest.Transient},
		{"temporar", ingest.Transient},
		{"timeout", ingest.Transient},
		{"timed out", ingest.Transient},
		{"maintenance", ingest.Transient},
		{"unavailable", ingest.Transient},
		{"internal error", ingest.Transient},
		{"database", ingest.Transient},
	}
}

// judge says what an answer means. TUNE answers 200 to what it refuses, so a status only ever speaks against a conversion; the body alone
// can speak for it.
func judge(status int, body string) (ingest.Outcome, string) {
	switch {
	case worthAnotherTry(status):
		return ingest.Transient, fmt.Sprintf("HTTP %d", status)
	case status >= 300 && status < 400:
		return ingest.Unknown, fmt.Sprintf("HTTP %d: a redirect, which is not followed", status)
	}
	if outcome, reason, ok := judgeBody(body); ok {
		return outcome, reason
	}
	switch {
	case status >= 400:
		return ingest.Rejected, fmt.Sprintf("HTTP %d", status)
	case strings.TrimSpace(body) == "":
		return ingest.Unknown, "an empty answer"
	default:
		return ingest.Unknown, "an answer that is not TUNE's"
	}
}

// worthAnotherTry are the statuses by which a server, or what stands before it, says that it did not handle the request.
func worthAnotherTry(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

// judgeBody reads "success=true;" or "success=false; err_msg=…;". ok is false for anything else, such as a page of HTML that happens to
// hold those words.
func judgeBody(body string) (outcome ingest.Outcome, reason string, ok bool) {
	body = strings.TrimSpace(body)
	if rest, found := cutPrefixFold(body, "success=true"); found && (rest == "" || rest[0] == ';') {
		return ingest.Accepted, "", true
	}
	rest, found := cutPrefixFold(body, "success=false")
	if !found || rest != "" && rest[0] != ';' {
		return "", "", false
	}
	message := strings.TrimSpace(strings.TrimPrefix(rest, ";"))
	message, _ = cutPrefixFold(message, "err_msg=")
	message = strings.TrimSuffix(message, ";")
	for _, entry := range table() {
		if strings.Contains(strings.ToLower(message), entry.words) {
			return entry.outcome, message, true
		}
	}
	return ingest.Rejected, message, true
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
