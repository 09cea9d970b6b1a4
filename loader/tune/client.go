// Package tune reads TUNE's Network API v3 (conversions, offers, goals and the raw log of clicks) into the archive, from where the loader takes it like
// everything else. It is append-only: each fetch is complete or has no line in tune_fetches.
package tune

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"backstop/loader"
)

const (
	answerLimit  = 256 << 20        // bytes; far above a page of 2,000 rows
	callTimeout  = 90 * time.Second // TUNE itself gives up with a 504 earlier
	callTries    = 4
	limitTries   = 8
	limitWindow  = 10 * time.Second // 50 calls in 10 s (developers.tune.com, rate limit error)
	firstPause   = 500 * time.Millisecond
	networkParam = "NetworkToken"
)

// errTooWide is the 504 with which TUNE answers a window that holds too much.
var errTooWide error = &loader.Error{Class: loader.Transient, Err: errors.New("TUNE answered 504 Gateway Timeout")}

// errRateLimited is TUNE's answer, with HTTP 200, to the 51st call within 10 s.
var errRateLimited = errors.New("TUNE's rate limit was reached")

// Client calls the API of one network. The network token is part of every URL, so no URL and no answer ever enters an error.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
	files *http.Client // for downloads, which take longer
	wait  func(ctx context.Context, d time.Duration) error
}

// NewClient takes the API's base URL (https://NETWORK.api.hasoffers.com) and the network token. wait sleeps between tries; nil is a
// real sleep.
func NewClient(base, token string, wait func(ctx context.Context, d time.Duration) error) (*Client, error) {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, loader.Fail(loader.Configuration, "BACKSTOP_TUNE_API is not a URL of the form https://NETWORK.api.hasoffers.com")
	}
	if token == "" {
		return nil, loader.Fail(loader.Configuration, "the secret holds no network_token for TUNE")
	}
	if wait == nil {
		wait = sleep
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // a redirect would carry the token elsewhere
	return &Client{
		base: parsed, token: token, wait: wait,
		http: &http.Client{Timeout: callTimeout, CheckRedirect: stay}, files: &http.Client{CheckRedirect: stay},
	}, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Now is TUNE's time, by the Date header of an answer.
func (c *Client) Now(ctx context.Context) (time.Time, error) {
	answer, err := c.findAll(ctx, Offers, query{limit: 1, page: 1})
	return answer.date, err
}

// findAll asks for one page. errTooWide is left to the caller, who can narrow.
func (c *Client) findAll(ctx context.Context, target Target, q query) (page, error) {
	var answer page
	err := c.again(ctx, target.model()+"::findAll", func() error {
		said, err := c.ask(ctx, target.model(), "findAll", q.params())
		if err != nil {
			return err
		}
		answer, err = parsePage(said.data, target)
		answer.date = said.date
		return err
	})
	return answer, err
}

// again calls until it works: where TUNE is busy or limits the rate it pauses and tries again, a bounded number of times.
func (c *Client) again(ctx context.Context, name string, call func() error) error {
	busy, limited := 0, 0
	for pause := firstPause; ; pause = min(2*pause, limitWindow) {
		err := call()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errTooWide):
			return err
		case errors.Is(err, errRateLimited):
			limited++
		default:
			busy++
		}
		if limited >= limitTries || busy >= callTries || loader.ClassOf(err) != loader.Transient {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := c.wait(ctx, pause+rand.N(pause)/4); err != nil {
			return err
		}
	}
}

// said is TUNE's answer to a call that it did not refuse.
type said struct {
	data json.RawMessage
	date time.Time
}

func (c *Client) ask(ctx context.Context, target, method string, params url.Values) (said, error) {
	address := c.base.JoinPath("Apiv3", "json")
	params.Set(networkParam, c.token)
	params.Set("Target", target)
	params.Set("Method", method)
	address.RawQuery = params.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return said{}, loader.Fail(loader.Configuration, "BACKSTOP_TUNE_API cannot be called")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return said{}, loader.Fail(loader.Transient, "TUNE at %s cannot be reached: %w", c.base.Host, withoutURL(err))
	}
	defer response.Body.Close()
	if err := judge(response.StatusCode); err != nil {
		return said{}, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return said{}, loader.Fail(loader.Transient, "TUNE's answer broke off: %w", withoutURL(err))
	}
	data, err := parseEnvelope(body)
	if err != nil {
		return said{}, c.masked(err)
	}
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return said{}, loader.Fail(loader.Transient, "TUNE's answer has no Date header, and so no time of observation")
	}
	return said{data, date}, nil
}

func judge(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusGatewayTimeout:
		return errTooWide
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return loader.Fail(loader.Configuration, "TUNE refuses the network token: HTTP %d", status)
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return loader.Fail(loader.Transient, "TUNE answered HTTP %d", status)
	default:
		return loader.Fail(loader.Configuration, "TUNE answered HTTP %d; look at BACKSTOP_TUNE_API", status)
	}
}

// withoutURL drops the URL, which holds the token, from an error of net/http.
func withoutURL(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}

// masked takes the token out of words of TUNE that may echo the request.
func (c *Client) masked(err error) error {
	if !strings.Contains(err.Error(), c.token) {
		return err
	}
	return loader.Fail(loader.ClassOf(err), "%s", strings.ReplaceAll(err.Error(), c.token, "***"))
}

// query is what a call asks for beside its target.
type query struct {
	window      *window
	limit, page int
}

func (q query) params() url.Values {
	params := url.Values{
		"limit":    {strconv.Itoa(q.limit)},
		"page":     {strconv.Itoa(q.page)},
		"sort[id]": {"asc"}, // pages are stable only in a fixed order
	}
	if q.window != nil {
		params.Set("filters[datetime][conditional]", "BETWEEN")
		params.Add("filters[datetime][values][]", q.window.from.Format(time.DateTime))
		params.Add("filters[datetime][values][]", q.window.to.Format(time.DateTime))
	}
	return params
}
