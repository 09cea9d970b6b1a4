// Package gateway stands in for an API Gateway HTTP API before Lambda functions, payload format 2.0.
//
// Imitated: routes with path parameters; the event with the query string byte for byte, lower-cased headers joined by
// commas, cookies apart, binary bodies (all but text/*, JSON, XML, JavaScript: form posts too) in base64, the time of the
// request from the stand-ins' clock; the function's answer in either form of 2.0; 10,240 bytes of request line and headers
// (431, or 414 when the line alone is longer), 10 MB of body (413), 30 seconds (503), function errors (500), throttling (503).
//
// Not imitated: TLS, authorizers, CORS, custom domains, stages other than $default, throttling of the API itself, access
// logs. rawPath is the path as it was sent. The header X-Backstop-Source-Ip, which real gateways pass on like any other,
// sets the sender's address here and is removed, so that local traffic can come from an MMP's range.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"backstop/local/clock"
	"backstop/local/lambdahost"
)

// SourceIPHeader lets local traffic name the address that it comes from.
const SourceIPHeader = "X-Backstop-Source-Ip"

// Limits of HTTP APIs, none of which can be raised.
const (
	maxHeaders = 10_240
	maxBody    = 10 << 20
	maxTime    = 30 * time.Second
)

// Function is what stands behind a route. A failure within it is a *lambdahost.FunctionError, one of too many calls at a
// time lambdahost.ErrThrottled.
type Function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Route sends requests of a method ("ANY" for all) and a path, such as /p/{source}/{token}, to a function.
type Route struct {
	Method   string
	Path     string
	Function Function
}

// Options configures a Gateway.
type Options struct {
	Routes  []Route
	Clock   *clock.Clock
	Timeout time.Duration // 30 seconds when 0
}

// Gateway is an http.Handler.
type Gateway struct {
	routes  []parsedRoute
	clock   *clock.Clock
	timeout time.Duration
}

// New returns a gateway. It fails for a path that it cannot read.
func New(o Options) (*Gateway, error) {
	g := &Gateway{clock: o.Clock, timeout: o.Timeout}
	if g.timeout == 0 {
		g.timeout = maxTime
	}
	for _, r := range o.Routes {
		parsed, err := parseRoute(r)
		if err != nil {
			return nil, fmt.Errorf("route %s %s: %w", r.Method, r.Path, err)
		}
		g.routes = append(g.routes, parsed)
	}
	return g, nil
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	line, headers := sizes(r)
	switch {
	case line > maxHeaders:
		refuse(w, http.StatusRequestURITooLong, "Request URI Too Long")
		return
	case line+headers > maxHeaders:
		refuse(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return
	}
	path, _ := splitURI(r.RequestURI)
	route, parameters, found := g.find(r.Method, path)
	if !found {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request")
		return
	}
	if len(body) > maxBody {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	g.invoke(w, r, route, g.event(r, route, parameters, body))
}

func (g *Gateway) invoke(w http.ResponseWriter, r *http.Request, route parsedRoute, event []byte) {
	ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
	defer cancel()
	payload, err := route.function.Invoke(ctx, event)
	var failed *lambdahost.FunctionError
	switch {
	case err == nil:
		answer(w, payload)
	case errors.As(err, &failed):
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	default: // out of time, throttled, or nothing to invoke
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	}
}

// refuse answers by the gateway itself.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "{\"message\":%q}", message) // a client that is gone reads no refusal either
}

// sizes measures the request line and the headers, line ends included.
func sizes(r *http.Request) (line, headers int) {
	line = len(r.Method) + len(r.RequestURI) + len(r.Proto) + len("  \r\n")
	headers = len("Host: \r\n") + len(r.Host)
	for name, values := range r.Header {
		if name == SourceIPHeader {
			continue
		}
		for _, value := range values {
			headers += len(name) + len(value) + len(": \r\n")
		}
	}
	return line, headers
}
