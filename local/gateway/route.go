package gateway

import (
	"errors"
	"net/url"
	"strings"
)

// parsedRoute is a route with its path in segments.
type parsedRoute struct {
	key      string // "GET /p/{source}/{token}"
	method   string
	segments []string
	function Function
}

func parseRoute(r Route) (parsedRoute, error) {
	if !strings.HasPrefix(r.Path, "/") {
		return parsedRoute{}, errors.New("the path must begin with /")
	}
	segments := strings.Split(r.Path[1:], "/")
	for i, s := range segments {
		if strings.HasSuffix(s, "+}") && i < len(segments)-1 {
			return parsedRoute{}, errors.New("a greedy parameter must be the last segment")
		}
	}
	method := strings.ToUpper(r.Method)
	return parsedRoute{key: method + " " + r.Path, method: method, segments: segments, function: r.Function}, nil
}

// find returns the first route that fits, with its path parameters decoded.
func (g *Gateway) find(method, path string) (parsedRoute, map[string]string, bool) {
	for _, r := range g.routes {
		if r.method != "ANY" && r.method != method {
			continue
		}
		if parameters, fits := r.match(path); fits {
			return r, parameters, true
		}
	}
	return parsedRoute{}, nil, false
}

func (r parsedRoute) match(path string) (map[string]string, bool) {
	sent := strings.Split(strings.TrimPrefix(path, "/"), "/")
	parameters := map[string]string{}
	for i, want := range r.segments {
		name, isParameter := parameterName(want)
		switch {
		case i >= len(sent):
			return nil, false
		case isParameter && strings.HasSuffix(name, "+"):
			parameters[strings.TrimSuffix(name, "+")] = decode(strings.Join(sent[i:], "/"))
			return parameters, true
		case isParameter && sent[i] != "":
			parameters[name] = decode(sent[i])
		case want != sent[i]:
			return nil, false
		}
	}
	return parameters, len(sent) == len(r.segments)
}

func parameterName(segment string) (string, bool) {
	if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") {
		return segment[1 : len(segment)-1], true
	}
	return "", false
}

// decode undoes percent-encoding; what cannot be decoded stays as it came.
func decode(text string) string {
	if out, err := url.PathUnescape(text); err == nil {
		return out
	}
	return text
}

// splitURI cuts a request URI into path and query, both byte for byte.
func splitURI(uri string) (path, query string) {
	if rest, ok := strings.CutPrefix(uri, "http://"); ok { // the absolute form that proxies send
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			uri = rest[slash:]
		}
	}
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}
