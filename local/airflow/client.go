package airflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	requestTime = 30 * time.Second
	pollEvery   = 300 * time.Millisecond
	api         = "/api/v2"
)

// Client speaks to the REST API of one Airflow.
type Client struct {
	Login Login
	base  string
	http  *http.Client

	mu    sync.Mutex
	token string
}

// NewClient speaks to the Airflow whose UI is at that URL.
func NewClient(base string, login Login) *Client {
	return &Client{Login: login, base: base, http: &http.Client{Timeout: requestTime}}
}

// statusError is an answer that is no success.
type statusError struct {
	code   int
	call   string
	answer string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("Airflow answered %s with %d: %s", e.call, e.code, e.answer)
}

func hasStatus(err error, code int) bool {
	var refused *statusError
	return errors.As(err, &refused) && refused.code == code
}

// call sends `in` as JSON and reads the answer into `out`; either may be nil. It logs in when there is no token or the token has ended.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	token, err := c.logIn(ctx, "")
	if err != nil {
		return err
	}
	err = c.send(ctx, method, api+path, token, in, out)
	if !hasStatus(err, http.StatusUnauthorized) {
		return err
	}
	if token, err = c.logIn(ctx, token); err != nil {
		return err
	}
	return c.send(ctx, method, api+path, token, in, out)
}

// logIn gives a token other than the used-up one.
func (c *Client) logIn(ctx context.Context, usedUp string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != usedUp {
		return c.token, nil
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	login := map[string]string{"username": c.Login.User, "password": c.Login.Password}
	if err := c.send(ctx, http.MethodPost, "/auth/token", "", login, &answer); err != nil {
		return "", fmt.Errorf("log in to Airflow as %s: %w", c.Login.User, err)
	}
	c.token = answer.Token
	return c.token, nil
}

func (c *Client) send(ctx context.Context, method, path, token string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("write the body of %s: %w", path, err)
	}
	if in == nil {
		body = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask Airflow: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask Airflow: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return fmt.Errorf("read Airflow's answer to %s %s: %w", method, path, err)
	case res.StatusCode/100 != 2:
		return &statusError{res.StatusCode, method + " " + path, string(answer[:min(len(answer), 500)])}
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("read Airflow's answer to %s %s: %w", method, path, err)
	}
	return nil
}

// waitHealthy returns once the database, the scheduler and the DAG processor are reported healthy.
func (c *Client) waitHealthy(ctx context.Context) error {
	var last error
	for {
		var parts map[string]struct {
			Status *string `json:"status"`
		}
		last = c.send(ctx, http.MethodGet, api+"/monitor/health", "", nil, &parts)
		ill := 0
		for _, name := range []string{"metadatabase", "scheduler", "dag_processor"} {
			if status := parts[name].Status; status == nil || *status != "healthy" {
				ill++
			}
		}
		if last == nil && ill == 0 {
			return nil
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("wait for Airflow to become healthy: %w", errors.Join(err, last))
		}
	}
}

func (c *Client) createPool(ctx context.Context, name string, slots int) error {
	pool := map[string]any{"name": name, "slots": slots, "description": "one step at a time writes to the warehouse"}
	err := c.call(ctx, http.MethodPost, "/pools", pool, nil)
	if hasStatus(err, http.StatusConflict) {
		return nil
	}
	return err
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pollEvery):
		return nil
	}
}

func pathOf(parts ...string) string {
	path := ""
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}
