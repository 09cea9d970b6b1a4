package gateway

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"
)

const (
	apiID   = "local"
	stage   = "$default"
	account = "000000000000"
)

// event builds the JSON that the function gets.
func (g *Gateway) event(r *http.Request, route parsedRoute, parameters map[string]string, body []byte) []byte {
	path, query := splitURI(r.RequestURI)
	now := g.clock.Now()
	source := sourceIP(r)
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: route.key, RawPath: path, RawQueryString: query,
		Cookies: cookies(r), Headers: headers(r, source), QueryStringParameters: joined(parseQuery(query)), PathParameters: parameters,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: route.key, AccountID: account, Stage: stage, RequestID: uuid.NewString(), APIID: apiID,
			DomainName: r.Host, DomainPrefix: apiID, Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent()},
		},
	}
	if isText(r.Header.Get("Content-Type")) && utf8.Valid(body) {
		e.Body = string(body)
	} else if len(body) > 0 {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	out, _ := json.Marshal(e) // strings and numbers always marshal
	return out
}

// sourceIP is the sender's address: the connection's, or what the stand-in's own header says.
func sourceIP(r *http.Request) string {
	if given := r.Header.Get(SourceIPHeader); given != "" {
		return given
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// headers are those of the request in lower case, with what a gateway adds.
func headers(r *http.Request, source string) map[string]string {
	out := map[string]string{"host": r.Host, "x-forwarded-port": "443", "x-forwarded-proto": "https"}
	for name, values := range r.Header {
		if name != SourceIPHeader && name != "Cookie" {
			out[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	out["x-forwarded-for"] = source
	if before := r.Header.Get("X-Forwarded-For"); before != "" {
		out["x-forwarded-for"] = before + ", " + source
	}
	return out
}

func cookies(r *http.Request) []string {
	var out []string
	for _, header := range r.Header.Values("Cookie") {
		out = append(out, strings.Split(header, "; ")...)
	}
	return out
}

// parseQuery decodes a query leniently: what cannot be decoded is left out here; rawQueryString has everything.
func parseQuery(query string) url.Values {
	values, _ := url.ParseQuery(query) // an error names the first bad part; the good ones are returned with it
	return values
}

func joined(values url.Values) map[string]string {
	if len(values) == 0 {
		return nil
	}
	out := map[string]string{}
	for name, all := range values {
		out[name] = strings.Join(all, ",")
	}
	return out
}

// isText reports whether a body of this type goes into the event as it is.
func isText(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType == ""
	}
	switch kind {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}
