package awsjson_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"backstop/local/awsjson"
)

func TestAnswers(t *testing.T) {
	type greeting struct{ Name string }
	service := &awsjson.Service{Target: "Hall", Version: "1.1", Operations: map[string]awsjson.Operation{
		"Greet": awsjson.On(func(_ context.Context, in greeting) (greeting, error) {
			switch in.Name {
			case "nobody":
				return in, &awsjson.Error{Status: 400, Type: "hall#NobodyThere", Query: "Hall.Nobody", Message: "There is nobody."}
			case "crowd":
				return in, &awsjson.Error{Status: 503, Type: "Crowded", Query: "Crowded", Message: "Too many."}
			case "fire":
				return in, errors.New("the hall burns")
			}
			return greeting{"Hello " + in.Name}, nil
		})}}
	for _, test := range []struct {
		name, target, body string
		status             int
		kind, query        string // __type and x-amzn-query-error
	}{
		{"an answer", "Hall.Greet", `{"Name":"you"}`, 200, "", ""},
		{"a refusal", "Hall.Greet", `{"Name":"nobody"}`, 400, "hall#NobodyThere", "Hall.Nobody;Sender"},
		{"throttling", "Hall.Greet", `{"Name":"crowd"}`, 503, "Crowded", "Crowded;Receiver"},
		{"a fault of the stand-in", "Hall.Greet", `{"Name":"fire"}`, 500, "InternalFailure", ""},
		{"no JSON", "Hall.Greet", `Name`, 400, "SerializationException", ""},
		{"no such operation", "Hall.Sing", `{}`, 400, "UnknownOperationException", ""},
		{"another service", "Yard.Greet", `{}`, 400, "UnknownOperationException", ""},
		{"a body over 16 MiB", "Hall.Greet", strings.Repeat(" ", 16<<20+1), 413, "RequestEntityTooLargeException", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
			request.Header.Set("X-Amz-Target", test.target)
			recorder := httptest.NewRecorder()
			service.ServeHTTP(recorder, request)
			response := recorder.Result()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			var body map[string]string
			if err := json.Unmarshal(text, &body); err != nil {
				t.Fatalf("body %s: %v", text, err)
			}
			if response.StatusCode != test.status || body["__type"] != test.kind || response.Header.Get("X-Amzn-Query-Error") != test.query {
				t.Errorf("answer = %d %s, query error %q", response.StatusCode, text, response.Header.Get("X-Amzn-Query-Error"))
			}
			if response.Header.Get("Content-Type") != "application/x-amz-json-1.1" || test.status == 200 && body["Name"] != "Hello you" {
				t.Errorf("content type %s, body %s", response.Header.Get("Content-Type"), text)
			}
		})
	}
}
