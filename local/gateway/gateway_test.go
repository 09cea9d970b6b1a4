package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"backstop/local/clock"
	"backstop/local/gateway"
	"backstop/local/lambdahost"
)

// function is a Lambda function that keeps its event.
type function struct {
	event  events.APIGatewayV2HTTPRequest
	raw    map[string]any
	answer func(context.Context) ([]byte, error)
}

func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if err := errors.Join(json.Unmarshal(payload, &f.event), json.Unmarshal(payload, &f.raw)); err != nil {
		return nil, err
	}
	if f.answer == nil {
		return []byte(`{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{\"status\":\"stored\"}"}`), nil
	}
	return f.answer(ctx)
}

var noon = time.Date(2026, 11, 19, 12, 0, 0, 123_000_000, time.UTC)

func serve(t *testing.T, f *function, timeout time.Duration) *httptest.Server {
	t.Helper()
	g, err := gateway.New(gateway.Options{Clock: clock.At(noon), Timeout: timeout, Routes: []gateway.Route{
		{Method: "GET", Path: "/p/{source}/{token}", Function: f}, {Method: "POST", Path: "/p/{source}/{token}", Function: f}}})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(g)
	t.Cleanup(web.Close)
	return web
}

// send writes a request byte for byte and returns the status and body of the answer.
func send(t *testing.T, web *httptest.Server, request string) (int, string) {
	t.Helper()
	connection, err := net.Dial("tcp", web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestTheEventHasTheRequestAsItWasSent(t *testing.T) {
	f := &function{}
	web := serve(t, f, 0)
	status, body := send(t, web, "GET /p/appsflyer/t%6Fken?clickid=1;2&a=%zz&b=x|{sub4}&b=+&c=%E4 HTTP/1.1\r\nHost: front\r\nX-Many: a\r\nX-MANY: b\r\n"+
		"Cookie: k=v; l=w\r\nUser-Agent: AppsFlyer/1\r\nX-Backstop-Source-Ip: 45.92.116.7\r\n\r\n")
	if status != 200 || body != `{"status":"stored"}` {
		t.Errorf("answer = %d %s", status, body)
	}
	e := f.event
	if e.RawPath != "/p/appsflyer/t%6Fken" || e.RawQueryString != "clickid=1;2&a=%zz&b=x|{sub4}&b=+&c=%E4" {
		t.Errorf("rawPath = %s, rawQueryString = %s", e.RawPath, e.RawQueryString)
	}
	if want := map[string]string{"source": "appsflyer", "token": "token"}; !reflect.DeepEqual(e.PathParameters, want) {
		t.Errorf("pathParameters = %v, want %v", e.PathParameters, want)
	}
	want := map[string]string{"host": "front", "x-many": "a,b", "user-agent": "AppsFlyer/1", "x-forwarded-for": "45.92.116.7", "x-forwarded-port": "443", "x-forwarded-proto": "https"}
	if !reflect.DeepEqual(e.Headers, want) {
		t.Errorf("headers = %v, want %v", e.Headers, want)
	}
	if !reflect.DeepEqual(e.Cookies, []string{"k=v", "l=w"}) || e.QueryStringParameters["b"] != "x|{sub4}, " {
		t.Errorf("cookies = %v, parameters = %v", e.Cookies, e.QueryStringParameters)
	}
	c := e.RequestContext
	if c.TimeEpoch != noon.UnixMilli() || c.Time != "19/Nov/2026:12:00:00 +0000" || c.RouteKey != "GET /p/{source}/{token}" || c.Stage != "$default" {
		t.Errorf("requestContext = %+v", c)
	}
	if h := c.HTTP; h.Method != "GET" || h.Path != e.RawPath || h.SourceIP != "45.92.116.7" || h.UserAgent != "AppsFlyer/1" || h.Protocol != "HTTP/1.1" {
		t.Errorf("requestContext.http = %+v", h)
	}
	if e.Version != "2.0" || f.raw["body"] != nil && f.raw["body"] != "" || e.IsBase64Encoded {
		t.Errorf("version %s, body %v", e.Version, f.raw["body"])
	}
}

func TestWithoutTheStandInsHeaderTheSourceIsTheConnection(t *testing.T) {
	f := &function{}
	send(t, serve(t, f, 0), "GET /p/a/b HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n")
	if got := f.event.RequestContext.HTTP.SourceIP; got != "127.0.0.1" {
		t.Errorf("sourceIp = %s, want the connection's", got)
	}
	if got := f.event.Headers["x-forwarded-for"]; got != "9.9.9.9, 127.0.0.1" {
		t.Errorf("x-forwarded-for = %s", got)
	}
}

func TestBodies(t *testing.T) {
	for _, test := range []struct {
		kind, body, want string
		base64           bool
	}{
		{"application/json; charset=utf-8", `{"a":1}`, `{"a":1}`, false},
		{"text/plain", "é", "é", false},
		{"", "plain", "plain", false},
		{"text/plain", "\xff\x00", "/wA=", true},
		{"application/x-www-form-urlencoded", "a=1", "YT0x", true},
		{"application/octet-stream", "\x00", "AA==", true},
	} {
		t.Run(test.kind+" "+test.want, func(t *testing.T) {
			f := &function{}
			send(t, serve(t, f, 0), fmt.Sprintf("POST /p/a/b HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", test.kind, len(test.body), test.body))
			if f.event.Body != test.want || f.event.IsBase64Encoded != test.base64 {
				t.Errorf("body = %q, base64 %v; want %q, %v", f.event.Body, f.event.IsBase64Encoded, test.want, test.base64)
			}
		})
	}
}

func TestRefusalsOfTheGatewayItself(t *testing.T) {
	for _, test := range []struct {
		name, request string
		status        int
	}{
		{"no such path", "GET /q HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		{"an empty segment", "GET /p//token HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		{"a longer path", "GET /p/a/b/c HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		{"no such method", "PUT /p/a/b HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		{"10,240 bytes", "GET /p/a/b?" + strings.Repeat("x", 10_240-len("GET /p/a/b? HTTP/1.1\r\nHost: x\r\n")) + " HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		{"10,241 bytes", "GET /p/a/b?" + strings.Repeat("x", 10_241-len("GET /p/a/b? HTTP/1.1\r\nHost: x\r\n")) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		{"a line over 10,240 bytes", "GET /p/a/b?" + strings.Repeat("x", 10_240) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
		{"a body of 10 MB", "POST /p/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n" + strings.Repeat("x", 10<<20), 200},
		{"a body over 10 MB", "POST /p/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 10485761\r\n\r\n" + strings.Repeat("x", 10<<20+1), 413},
	} {
		t.Run(test.name, func(t *testing.T) {
			if status, body := send(t, serve(t, &function{}, 0), test.request); status != test.status {
				t.Errorf("answer = %d %s, want %d", status, body, test.status)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	text := func(payload string) func(context.Context) ([]byte, error) {
		return func(context.Context) ([]byte, error) { return []byte(payload), nil }
	}
	fail := func(err error) func(context.Context) ([]byte, error) {
		return func(context.Context) ([]byte, error) { return nil, err }
	}
	late := func(ctx context.Context) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for _, test := range []struct {
		name   string
		answer func(context.Context) ([]byte, error)
		status int
		body   string
	}{
		{"a response", text(`{"statusCode":413,"body":"big"}`), 413, "big"},
		{"base64", text(`{"statusCode":200,"body":"YmlnCg==","isBase64Encoded":true}`), 200, "big\n"},
		{"any JSON", text(`{"ok":true}`), 200, `{"ok":true}`},
		{"a text", text(`"hello"`), 200, `"hello"`},
		{"not JSON", text(`hello`), 500, `{"message":"Internal Server Error"}`},
		{"not a status", text(`{"statusCode":7}`), 500, `{"message":"Internal Server Error"}`},
		{"a function error", fail(&lambdahost.FunctionError{Type: "x"}), 500, `{"message":"Internal Server Error"}`},
		{"throttled", fail(fmt.Errorf("invoke: %w", lambdahost.ErrThrottled)), 503, `{"message":"Service Unavailable"}`},
		{"out of time", late, 503, `{"message":"Service Unavailable"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			web := serve(t, &function{answer: test.answer}, time.Millisecond)
			status, body := send(t, web, "GET /p/a/b HTTP/1.1\r\nHost: x\r\n\r\n")
			if status != test.status || body != test.body {
				t.Errorf("answer = %d %s, want %d %s", status, body, test.status, test.body)
			}
		})
	}
}

func TestPathsThatCannotBeReadAreRefused(t *testing.T) {
	for _, path := range []string{"p", "/{rest+}/x"} {
		if _, err := gateway.New(gateway.Options{Routes: []gateway.Route{{Method: "GET", Path: path}}}); err == nil {
			t.Errorf("%s was taken", path)
		}
	}
}
