// Package tune sends postbacks to TUNE: one GET each, judged by what TUNE says in the body.
package tune

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"backstop/ingest"
)

const (
	dialTimeout   = 3 * time.Second
	maxBodyBytes  = 64 << 10
	keptBodyBytes = 512
	redacted      = "REDACTED"
)

// Template fills a destination's URL; secrets go where variables go.
type Template interface {
	Expand(variables, secrets map[string]string) (string, error)
}

// Secrets answers a secret's value by the names in the routes file. It may be asked for every send and keeps what it read for a while.
type Secrets interface {
	Secret(ctx context.Context, secret, field string) (string, error)
}

// SecretName says where a template variable's secret is kept.
type SecretName struct{ Secret, Field string }

// Client is one destination.
type Client struct {
	Template    Template
	SecretNames map[string]SecretName // by template variable
	Secrets     Secrets
	HTTP        *http.Client
}

// NewHTTPClient keeps as many connections open as there can be sends at a time. It follows no redirect, uses no proxy, and connects to
// public addresses only, and to this machine if that is allowed.
func NewHTTPClient(concurrency int, allowLoopback bool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         dialer(allowLoopback).DialContext,
			TLSHandshakeTimeout: dialTimeout,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
			MaxIdleConns:        concurrency,
			MaxIdleConnsPerHost: concurrency,
			MaxConnsPerHost:     concurrency,
			IdleConnTimeout:     90 * time.Second,
			DisableCompression:  true, // so that the limit on what is read is one on what is kept, too
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Send implements ingest.Sender. ctx bounds the whole send.
func (c *Client) Send(ctx context.Context, variables map[string]string) ingest.Result {
	began := time.Now()
	result := c.send(ctx, variables)
	result.Latency = time.Since(began)
	return result
}

func (c *Client) send(ctx context.Context, variables map[string]string) ingest.Result {
	var result ingest.Result
	shown := map[string]string{}
	for name := range c.SecretNames {
		shown[name] = redacted
	}
	var err error
	if result.URL, err = c.Template.Expand(variables, shown); err != nil {
		result.Outcome, result.Reason = ingest.Rejected, "no URL can be made of the variables"
		return result
	}
	secrets, err := c.secrets(ctx)
	if err != nil {
		result.Outcome, result.Reason = ingest.Transient, err.Error()
		return result
	}
	address, err := c.Template.Expand(variables, secrets)
	if err != nil {
		result.Outcome, result.Reason = ingest.Rejected, "no URL can be made of the variables"
		return result
	}
	c.get(ctx, address, &result)
	return result
}

func (c *Client) secrets(ctx context.Context) (map[string]string, error) {
	values := map[string]string{}
	for variable, name := range c.SecretNames {
		value, err := c.Secrets.Secret(ctx, name.Secret, name.Field)
		if err != nil {
			return nil, fmt.Errorf("read the secret for %s: %w", variable, err)
		}
		values[variable] = value
	}
	return values, nil
}

// get makes the one request and fills the result with its judgement.
func (c *Client) get(ctx context.Context, address string, result *ingest.Result) {
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent.Store(true) }})
	status, body, err := c.fetch(ctx, address)
	result.StatusCode, result.Response = status, beginning(body)
	switch {
	case err != nil && sent.Load():
		result.Outcome, result.Reason = ingest.Unknown, "sent, but not answered: "+withoutURL(err)
	case err != nil:
		result.Outcome, result.Reason = ingest.Transient, "not sent: "+withoutURL(err)
	default:
		result.Outcome, result.Reason = judge(status, body)
		result.Reason = beginning(result.Reason)
	}
}

func (c *Client) fetch(ctx context.Context, address string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("User-Agent", "Backstop")
	response, err := c.HTTP.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes))
	return response.StatusCode, string(data), err
}

// withoutURL is the error's text without the address, which holds ids and perhaps secrets.
func withoutURL(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}

// beginning keeps the first 512 bytes, without a character cut in two.
func beginning(s string) string {
	if len(s) <= keptBodyBytes {
		return s
	}
	end := keptBodyBytes
	for end > keptBodyBytes-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
