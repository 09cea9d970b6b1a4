package tune

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"backstop/loader"
)

// page is one answer to findAll.
type page struct {
	rows  []row
	count int // of all rows that the query matches; -1 if TUNE did not say
	pages int // of the whole query
	date  time.Time
}

// row is one object of TUNE with its id.
type row struct {
	id     string
	fields map[string]json.RawMessage
}

type envelope struct {
	Response *struct {
		Status       json.RawMessage `json:"status"`
		Data         json.RawMessage `json:"data"`
		Errors       json.RawMessage `json:"errors"`
		ErrorMessage json.RawMessage `json:"errorMessage"`
	} `json:"response"`
}

// parseEnvelope gives the data of TUNE's answer. HTTP 200 says nothing: errors come as a list, or as an object when the credentials are bad.
func parseEnvelope(body []byte) (json.RawMessage, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil || e.Response == nil {
		return nil, loader.Fail(loader.Transient, "TUNE's answer is not the JSON of its API (%d bytes); it may be down for maintenance", len(body))
	}
	if status := strings.Trim(string(e.Response.Status), `"`); status != "1" {
		return nil, refusal(messages(e.Response.Errors, e.Response.ErrorMessage))
	}
	return e.Response.Data, nil
}

// parsePage reads the data of findAll: an object with pages, a bare object keyed by id, a list, or [] for nothing.
func parsePage(data json.RawMessage, target Target) (page, error) {
	var paged struct {
		Page      flexibleInt     `json:"page"`
		Count     flexibleInt     `json:"count"`
		PageCount flexibleInt     `json:"pageCount"`
		Data      json.RawMessage `json:"data"`
	}
	answer := page{count: -1, pages: 1}
	if isObject(data) && json.Unmarshal(data, &paged) == nil && paged.Data != nil {
		data, answer.count, answer.pages = paged.Data, int(paged.Count), int(paged.PageCount)
	}
	rows, err := parseRows(data, target.model())
	answer.rows = rows
	return answer, err
}

func isObject(data json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) }

func parseRows(data json.RawMessage, model string) ([]row, error) {
	var wrapped []map[string]json.RawMessage
	text := bytes.TrimSpace(data)
	switch {
	case len(text) == 0 || bytes.Equal(text, []byte("null")) || bytes.Equal(text, []byte(`""`)):
		return nil, nil
	case isObject(text):
		keyed := map[string]map[string]json.RawMessage{}
		if err := json.Unmarshal(text, &keyed); err != nil {
			return nil, loader.Fail(loader.Data, "TUNE's rows cannot be read: %w", err)
		}
		for _, w := range keyed {
			wrapped = append(wrapped, w)
		}
	default:
		if err := json.Unmarshal(text, &wrapped); err != nil {
			return nil, loader.Fail(loader.Data, "TUNE's rows cannot be read: %w", err)
		}
	}
	rows := make([]row, 0, len(wrapped))
	for _, w := range wrapped {
		r, err := unwrap(w, model)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func unwrap(wrapped map[string]json.RawMessage, model string) (row, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(wrapped[model], &fields); err != nil || fields == nil {
		return row{}, loader.Fail(loader.Data, "a row of TUNE's answer holds no %s", model)
	}
	id := strings.Trim(string(fields["id"]), `"`)
	if id == "" || id == "null" {
		return row{}, loader.Fail(loader.Data, "a %s of TUNE's answer has no id", model)
	}
	return row{id: id, fields: fields}, nil
}

// refusal classifies the words with which TUNE refused.
func refusal(words string) error {
	if strings.Contains(strings.ToLower(words), "rate limit") {
		return &loader.Error{Class: loader.Transient, Err: errRateLimited}
	}
	return loader.Fail(loader.Configuration, "TUNE refuses the call; look at BACKSTOP_TUNE_API and the network token: %s", words)
}

// messages collects TUNE's public words from errors (an object or a list of them) and errorMessage.
func messages(raw ...json.RawMessage) string {
	type failure struct {
		Public string `json:"publicMessage"`
		Words  string `json:"err_msg"`
	}
	var said []string
	for _, text := range raw {
		var one failure
		var many []failure
		var plain string
		switch {
		case json.Unmarshal(text, &many) == nil:
		case json.Unmarshal(text, &one) == nil:
			many = []failure{one}
		case json.Unmarshal(text, &plain) == nil:
			many = []failure{{Public: plain}}
		}
		for _, f := range many {
			for _, words := range []string{f.Public, f.Words} {
				if words != "" && !strings.Contains(strings.Join(said, " "), words) {
					said = append(said, words)
				}
			}
		}
	}
	if len(said) == 0 {
		return "it does not say why"
	}
	return strings.Join(said, "; ")
}

// flexibleInt is a whole number that TUNE writes with or without quotes.
type flexibleInt int

func (n *flexibleInt) UnmarshalJSON(text []byte) error {
	value, err := strconv.Atoi(strings.Trim(string(text), `"`))
	if err != nil {
		return errors.Join(fmt.Errorf("%q is not a whole number", text), err)
	}
	*n = flexibleInt(value)
	return nil
}
