package traffic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// network speaks TUNE's public protocol: clicks, direct postbacks and the API v3.
type network struct {
	base, token string
	http        *http.Client
}

// api calls one method and decodes the data of its answer. A call over the rate limit is repeated until the window has passed.
func (n network) api(ctx context.Context, target, method string, params url.Values, data any) error {
	const patience, pause = 15, time.Second
	for try := 0; ; try++ {
		limited, err := n.call(ctx, target, method, params, data)
		if !limited || try == patience {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("call TUNE %s::%s: %w", target, method, ctx.Err())
		}
	}
}

func (n network) call(ctx context.Context, target, method string, params url.Values, data any) (limited bool, err error) {
	form := url.Values{"NetworkToken": {n.token}, "Target": {target}, "Method": {method}}
	for key, values := range params {
		form[key] = values
	}
	body, err := n.post(ctx, n.base+"/Apiv3/json", form)
	if err != nil {
		return false, fmt.Errorf("call TUNE %s::%s: %w", target, method, err)
	}
	var envelope struct {
		Response struct {
			Status       int
			Data         json.RawMessage
			ErrorMessage string
		}
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return false, fmt.Errorf("read TUNE's answer to %s::%s: %w", target, method, err)
	}
	if r := envelope.Response; r.Status != 1 {
		return strings.Contains(r.ErrorMessage, "rate limit"), fmt.Errorf("TUNE refused %s::%s: %s", target, method, r.ErrorMessage)
	}
	if data == nil {
		return false, nil
	}
	if err := json.Unmarshal(envelope.Response.Data, data); err != nil {
		return false, fmt.Errorf("read the data of TUNE's %s::%s: %w", target, method, err)
	}
	return false, nil
}

func (n network) post(ctx context.Context, address string, form url.Values) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, withoutURL(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, body, err := n.do(request)
	return body, err
}

// do sends one request and reads the whole answer, so that its connection is used again.
func (n network) do(request *http.Request) (*http.Response, []byte, error) {
	response, err := n.http.Do(request)
	if err != nil {
		return nil, nil, withoutURL(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("read the answer: %w", err)
	}
	return response, body, nil
}

// withoutURL drops the address from a client's error: it holds tokens and device ids.
func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// create makes an object and returns its id.
func (n network) create(ctx context.Context, target string, fields map[string]string) (string, error) {
	params := url.Values{}
	for field, value := range fields {
		params.Set("data["+field+"]", value)
	}
	var id string
	err := n.api(ctx, target, "create", params, &id)
	return id, err
}

const clickParameter = "clickid"

// visit clicks, as often as planned, and returns the transaction id from the last redirect's address; "" if TUNE showed a blank page.
func (n network) visit(ctx context.Context, c Click, offerID string) (id string, err error) {
	for range max(1, c.Times) {
		if id, err = n.click(ctx, c, offerID); err != nil || id == "" {
			break
		}
	}
	return id, err
}

func (n network) click(ctx context.Context, c Click, offerID string) (string, error) {
	query := url.Values{"offer_id": {offerID}, "aff_id": {c.Affiliate}}
	if c.SubSite != "" {
		query.Set("aff_sub", c.SubSite)
	}
	if c.DeviceID != "" {
		query.Set(map[string]string{"android": "google_aid", "ios": "ios_ifa"}[c.Platform], c.DeviceID)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, n.base+"/aff_c?"+query.Encode(), nil)
	if err != nil {
		return "", fmt.Errorf("click on offer %s: %w", offerID, withoutURL(err))
	}
	request.Header.Set(sourceIPHeader, c.IP)
	request.Header.Set(countryHeader, c.Country)
	request.Header.Set("User-Agent", c.UserAgent)
	response, _, err := n.do(request)
	if err != nil {
		return "", fmt.Errorf("click on offer %s: %w", offerID, err)
	}
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil {
		return "", fmt.Errorf("click on offer %s: the redirect has no readable address", offerID)
	}
	return location.Query().Get(clickParameter), nil
}

// tell sends a postback straight to TUNE, as an MMP does that was never moved to Backstop. Like an MMP it sends again when TUNE does not answer.
func (n network) tell(ctx context.Context, transaction, offerID, goalID string) error {
	const tries = 5
	address := n.base + "/aff_lsr?" + url.Values{"transaction_id": {transaction}, "offer_id": {offerID}}.Encode()
	if goalID != "" {
		address = n.base + "/aff_goal?" + url.Values{"a": {"lsr"}, "transaction_id": {transaction}, "goal_id": {goalID}}.Encode()
	}
	var err error
	for range tries {
		if err = n.tellOnce(ctx, address); err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

func (n network) tellOnce(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("send a postback to TUNE: %w", withoutURL(err))
	}
	response, body, err := n.do(request)
	if err != nil {
		return fmt.Errorf("send a postback to TUNE: %w", err)
	}
	if !strings.HasPrefix(string(body), "success=") {
		return fmt.Errorf("send a postback to TUNE: the answer is not TUNE's (status %d)", response.StatusCode)
	}
	return nil
}
