package traffic

import (
	"fmt"
	"strconv"
	"strings"
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
	rejected string // the MMP's reason, "" if it accepts
}

// postback is the request by which the offer's MMP tells of an event.
func (d *draft) postback(p person, e event) Request {
	o := d.plan.Offers[p.offer]
	r := Request{
		Source: o.Source, Trusted: true, Blank: "+", Click: p.click, Offer: p.offer, Goal: e.goal,
		Relation: First, Rejects: e.rejected != "",
	}
	if o.Source == adjust {
		r.Params, r.IP = adjustParams(o, p, e), fmt.Sprintf("198.51.100.%d", 1+d.rng.IntN(254))
		r.Post = d.rng.IntN(5) == 0
	} else {
		r.Params, r.IP = appsflyerParams(o, p, e), fmt.Sprintf("45.92.116.%d", 1+d.rng.IntN(254))
	}
	return r
}

// appsflyerParams are those of AppsFlyer's templates for partners: texts in UTC, an absent value stays as an empty one.
func appsflyerParams(o Offer, p person, e event) []Param {
	params := []Param{
		{Key: "clickid", From: FromClick}, {Key: "af_siteid", Value: p.affiliate}, {Key: "af_c_id", From: FromOffer},
		{Key: "app_id", Value: o.AppID}, {Key: "appsflyer_id", Value: p.mmpID}, {Key: advertisingKey(p), Value: p.adID},
		{Key: "install_time", Value: utc(p.installedAt)}, {Key: "click_time", Value: utc(e.clickAt)},
		{Key: "country_code", Value: p.country}, {Key: "language", Value: "en"}, {Key: "device_carrier", Value: ""}, {Key: "device_ip", Value: p.ip},
	}
	if e.name != "" {
		params = append(params,
			Param{Key: "event_name", Value: "af_" + e.name}, Param{Key: "event_time", Value: utc(e.at)},
			Param{Key: "event_revenue", Value: e.sale}, Param{Key: "event_revenue_currency", Value: o.Currency},
			Param{Key: "event_value", Value: fmt.Sprintf(`{"af_revenue":%q,"af_currency":%q}`, e.sale, o.Currency)},
			Param{Key: "goal_id", From: FromGoal})
		if e.order != "" {
			params = append(params, Param{Key: "partner_event_id", Value: e.order})
		}
	}
	return append(params, appsflyerRejection(e.rejected)...)
}

func advertisingKey(p person) string {
	if p.platform == "ios" {
		return "idfa"
	}
	return "advertising_id"
}

func appsflyerRejection(reason string) []Param {
	if reason == "" {
		return nil
	}
	return []Param{{Key: "is_rejected", Value: "1"}, {Key: "reject_reason", Value: reason}, {Key: "reject_reason_value", Value: `"1123456"`}}
}

// adjustParams are Adjust's placeholders in a callback: epoch seconds, and what has no value is dropped.
func adjustParams(o Offer, p person, e event) []Param {
	kind := "install"
	switch {
	case e.name != "":
		kind = "event"
	case e.rejected != "":
		kind = "rejected_install"
	}
	params := []Param{
		{Key: "activity_kind", Value: kind}, {Key: "click_id", From: FromClick}, {Key: "campaign_id", From: FromOffer},
		{Key: "offer_id", From: FromOffer}, {Key: "affiliate_id", Value: p.affiliate}, {Key: "app_id", Value: o.AppID},
		{Key: "adid", Value: p.mmpID}, {Key: adjustDeviceKey(p), Value: p.adID}, {Key: "click_time", Value: epoch(e.clickAt)},
		{Key: "installed_at", Value: epoch(p.installedAt)}, {Key: "created_at", Value: epoch(e.at)},
		{Key: "country", Value: strings.ToLower(p.country)}, {Key: "ip_address", Value: p.ip},
	}
	if e.name == "" {
		params = append(params, Param{Key: "conversion_duration", Value: strconv.Itoa(int(p.installedAt.Sub(e.clickAt).Seconds()))})
	} else {
		params = append(params,
			Param{Key: "event_token", Value: "p7x2c1"}, Param{Key: "event_name", Value: "purchase"}, Param{Key: "goal_id", From: FromGoal},
			Param{Key: "revenue_float", Value: e.sale}, Param{Key: "currency", Value: o.Currency})
		if e.order != "" {
			params = append(params, Param{Key: "order_id", Value: e.order})
		}
	}
	if e.rejected != "" {
		params = append(params, Param{Key: "rejection_reason", Value: e.rejected})
	}
	return params
}

func adjustDeviceKey(p person) string {
	if p.platform == "ios" {
		return "idfa"
	}
	return "gps_adid"
}

// rejection draws a reason in the words of the source.
func (d *draft) rejection(source string) string {
	if source == adjust {
		return d.pick("anonymous_traffic", "distribution_outlier", "too_many_engagements", "engagement_injection", "incorrect_signature")
	}
	return d.pick("ctit_anomalies", "install_hijacking", "click_flood", "site_blacklist", "bots", "install_validation_rules")
}

func utc(t time.Time) string   { return t.UTC().Format(time.DateTime) }
func epoch(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
