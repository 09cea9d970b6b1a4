package ingest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxMessageBytes is what SQS takes in one message: 1 MiB.
const MaxMessageBytes = 1 << 20

const messageVersion = 1

// Message is what travels through the queues: one form for the main queue, retries and replays.
type Message struct {
	Postback Postback
	Route    string    // set if only this route is meant
	Attempt  int       // 1 for the first
	DueAt    time.Time // zero: at once
	ReplayID string    // set if somebody asked for a repeat
}

// messageJSON is Message on the wire.
type messageJSON struct {
	V        int          `json:"v"`
	Postback postbackJSON `json:"postback"`
	Route    string       `json:"route,omitempty"`
	Attempt  int          `json:"attempt"`
	DueAt    time.Time    `json:"due_at,omitzero"`
	ReplayID string       `json:"replay_id,omitempty"`
}

type postbackJSON struct {
	ID          string              `json:"postback_id"`
	ReceivedAt  time.Time           `json:"received_at"`
	Source      string              `json:"source"`
	Verdict     Verdict             `json:"verdict"`
	IPVerdict   IPVerdict           `json:"ip_verdict"`
	Method      wireText            `json:"method"`
	Path        wireText            `json:"path"`
	RawQuery    wireText            `json:"raw_query"`
	Headers     map[string]wireText `json:"headers,omitempty"`
	Body        wireText            `json:"body"`
	SourceIP    wireText            `json:"source_ip"`
	UserAgent   wireText            `json:"user_agent"`
	Fingerprint string              `json:"fingerprint"`
	Size        int                 `json:"size"`
}

// Encode writes the message. It fails only for a message that SQS would refuse, which the size cap on requests makes impossible.
func (m Message) Encode() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // each '&' of a query would take six bytes
	if err := enc.Encode(messageJSON{
		V: messageVersion, Postback: toWire(m.Postback), Route: m.Route, Attempt: m.Attempt, DueAt: m.DueAt, ReplayID: m.ReplayID,
	}); err != nil {
		return nil, fmt.Errorf("encode the queue message: %w", err)
	}
	data := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	if len(data) > MaxMessageBytes {
		return nil, fmt.Errorf("encode the queue message: %d bytes, SQS takes %d", len(data), MaxMessageBytes)
	}
	return data, nil
}

// DecodeMessage reads what Encode wrote. An error means that the message is not ours or of a version that this program does not know.
func DecodeMessage(data []byte) (Message, error) {
	var wire messageJSON
	if json.Unmarshal(data, &wire) != nil { // its error would quote the message
		return Message{}, errors.New("decode the queue message: it is not in our form")
	}
	if wire.V != messageVersion || wire.Postback.ID == "" || wire.Attempt < 1 {
		return Message{}, fmt.Errorf("decode the queue message: no postback of version %d in it", messageVersion)
	}
	return Message{
		Postback: fromWire(wire.Postback), Route: wire.Route, Attempt: wire.Attempt, DueAt: wire.DueAt, ReplayID: wire.ReplayID,
	}, nil
}

func toWire(p Postback) postbackJSON {
	headers := make(map[string]wireText, len(p.Headers))
	for key, value := range p.Headers {
		headers[key] = wireText(value)
	}
	return postbackJSON{
		ID: p.ID, ReceivedAt: p.ReceivedAt.UTC(), Source: p.Source, Verdict: p.Verdict, IPVerdict: p.IPVerdict,
		Method: wireText(p.Method), Path: wireText(p.Path), RawQuery: wireText(p.RawQuery), Headers: headers, Body: wireText(p.Body),
		SourceIP: wireText(p.SourceIP), UserAgent: wireText(p.UserAgent), Fingerprint: p.Fingerprint, Size: p.Size,
	}
}

func fromWire(w postbackJSON) Postback {
	headers := make(map[string]string, len(w.Headers))
	for key, value := range w.Headers {
		headers[key] = string(value)
	}
	return Postback{
		ID: w.ID, ReceivedAt: w.ReceivedAt, Source: w.Source, Verdict: w.Verdict, IPVerdict: w.IPVerdict,
		Method: string(w.Method), Path: string(w.Path), RawQuery: string(w.RawQuery), Headers: headers, Body: string(w.Body),
		SourceIP: string(w.SourceIP), UserAgent: string(w.UserAgent), Fingerprint: w.Fingerprint, Size: w.Size,
	}
}

// wireText keeps any bytes: plain text as a JSON string, everything else as {"base64": "…"}. So nothing that SQS forbids (it takes the
// characters of XML 1.0) is ever in a message, and escaping never grows a text beyond twice its size.
type wireText string

type base64Text struct {
	Base64 string `json:"base64"`
}

func (t wireText) MarshalJSON() ([]byte, error) {
	if t.plain() {
		return appendQuoted(nil, string(t)), nil
	}
	return json.Marshal(base64Text{base64.StdEncoding.EncodeToString([]byte(t))})
}

func (t *wireText) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return json.Unmarshal(data, (*string)(t))
	}
	var wrapped base64Text
	if err := json.Unmarshal(data, &wrapped); err != nil {
		return err
	}
	decoded, err := base64.StdEncoding.DecodeString(wrapped.Base64)
	*t = wireText(decoded)
	return err
}

func (t wireText) plain() bool {
	forbidden := func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	}
	return utf8.ValidString(string(t)) && !strings.ContainsFunc(string(t), forbidden)
}
