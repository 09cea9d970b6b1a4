package traffic

import (
	"fmt"
	"strconv"
	"time"
)

// event is what a person did: an install, a purchase, or a level reached.
type event struct {
	at       time.Time
	name     string // "" for the install, "purchase" or "level"
	goal     int
	sale     string
	order    string // the app's own id of a purchase; "" if it sends none
	clickAt  time.Time
	rejected bool
	reason   string // the MMP's own word for it, if it has one
}

// postback is the request by which the offer's MMP tells of an event.
func (d *draft) postback(p person, e event) Request {
	o, sender := d.plan.Offers[p.offer], d.mmp(p.offer)
	r := Request{
		Source: o.Source, Trusted: true, Blank: "+", Click: p.click, Offer: p.offer, Goal: e.goal,
		Relation: First, Rejects: e.rejected, Reason: e.reason,
	}
	r.Params = sender.params(o, p, e)
	r.IP = fmt.Sprint(sender.network, 1+d.rng.IntN(254))
	r.Post = sender.posts > 0 && d.rng.IntN(sender.posts) == 0
	return r
}

// reject lets the event's MMP say that it rejects it.
func (d *draft) reject(e event, offer int) event {
	e.rejected, e.reason = true, d.pick(d.mmp(offer).reasons...)
	return e
}

// values lists parameters, each a name and its value in turn.
func values(namesAndValues ...string) []Param {
	var params []Param
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		params = append(params, Param{Key: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	return params
}

// ifAny is values without what is empty: some MMPs drop what they do not know.
func ifAny(namesAndValues ...string) []Param {
	var params []Param
	for _, p := range values(namesAndValues...) {
		if p.Value != "" {
			params = append(params, p)
		}
	}
	return params
}

// byPlatform is the one of two that fits the person's device.
func (p person) byPlatform(android, ios string) string {
	if p.platform == "ios" {
		return ios
	}
	return android
}

func text(t time.Time) string    { return t.UTC().Format(time.DateTime) }
func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
func millis(t time.Time) string  { return strconv.FormatInt(t.UnixMilli(), 10) }
