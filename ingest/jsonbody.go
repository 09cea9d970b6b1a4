package ingest

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// deepestMember bounds how far inner objects are taken apart: what lies deeper stays one value, so that no body costs more than its length.
const deepestMember = 8

// ParseJSON reads the parameters of a JSON body: the members of its object, those of inner objects under their path with dots ("device.os"),
// numbers as they were written, lists as their JSON text, null as that word. A body that is no object, or not one whole document, has no
// parameters; it is stored whatever it is.
func ParseJSON(body string) Params {
	decoder := json.NewDecoder(strings.NewReader(body))
	params, err := members(decoder, "", 1)
	if err != nil {
		return nil
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil
	}
	return params
}

var errNoObject = errors.New("not a JSON object")

func members(decoder *json.Decoder, path string, depth int) (Params, error) {
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.Join(errNoObject, err)
	}
	var params Params
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string) // in this place a decoder gives nothing else
		inner, err := member(decoder, path+name, depth)
		if err != nil {
			return nil, err
		}
		params = append(params, inner...)
	}
	_, err := decoder.Token()
	return params, err
}

func member(decoder *json.Decoder, name string, depth int) (Params, error) {
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		return nil, err
	}
	switch {
	case raw[0] == '{' && depth < deepestMember:
		return members(json.NewDecoder(strings.NewReader(string(raw))), name+".", depth+1)
	case raw[0] == '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return Params{{Key: name, Value: text}}, err
	default:
		return Params{{Key: name, Value: string(raw)}}, nil
	}
}
