package traffic

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// These headers tell the stand-ins from where a request claims to come.
const (
	sourceIPHeader = "X-Backstop-Source-Ip"
	countryHeader  = "X-Backstop-Country"
)

// send makes one request to the front and journals its answer. A request that fails is journaled too and ends nothing: the sender is not
// the one who counts.
func (p *Player) send(ctx context.Context, step *Step) error {
	r := *step.Request
	if r.Twice && p.hooks.Twice != nil {
		p.hooks.Twice()
	}
	request, err := p.httpRequest(ctx, r)
	if err != nil {
		return err
	}
	entry := Entry{
		Step: step.ID, Case: step.Case, Kind: step.Kind, Source: r.Source, Day: p.plan.calendar.date(step.At), At: step.At,
	}
	entry.Status, entry.PostbackID, err = p.exchange(request)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("send a postback: %w", ctx.Err())
	}
	p.journal.Requests = append(p.journal.Requests, entry)
	return nil
}

func (p *Player) httpRequest(ctx context.Context, r Request) (*http.Request, error) {
	token := p.to.Tokens[r.Source]
	if !r.Trusted {
		token = r.Wrong
	}
	address := p.to.Front + "/p/" + r.Source + "/" + token
	encoded := r.encode(func(b Binding) string { return p.bound(r, b) })
	method, body := http.MethodGet, io.Reader(nil)
	if r.Post {
		method, body = http.MethodPost, strings.NewReader(encoded)
	} else {
		address += "?" + encoded
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, fmt.Errorf("form a postback: %w", withoutURL(err))
	}
	if r.Post {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Header.Set(sourceIPHeader, r.IP)
	request.Header.Set("User-Agent", "postbacks/1.0")
	return request, nil
}

func (p *Player) bound(r Request, b Binding) string {
	switch b {
	case FromClick:
		return p.journal.Clicks[r.Click]
	case FromOffer:
		return p.journal.Offers[r.Offer]
	default:
		return p.goal(r.Offer, r.Goal)
	}
}

func (p *Player) exchange(request *http.Request) (status int, postbackID string, err error) {
	response, err := p.front.Do(request)
	if err != nil {
		return 0, "", withoutURL(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", fmt.Errorf("read the front's answer: %w", err)
	}
	var answer struct {
		PostbackID string `json:"postback_id"`
	}
	// An answer without an id is what a failed request gets.
	_ = json.Unmarshal(body, &answer)
	return response.StatusCode, answer.PostbackID, nil
}
