package traffic

import (
	"slices"
	"time"
)

// genericParams are the names of our own columns, as any other sender is asked to use them.
func genericParams(o Offer, p person, e event) []Param {
	iso := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	params := []Param{{Key: "transaction_id", From: FromClick}, {Key: "affiliate_id", Value: p.affiliate}, {Key: "offer_id", From: FromOffer}}
	params = append(params, values("app_id", o.AppID, "device_id", p.mmpID, "advertising_id", p.adID, "clicked_at", iso(e.clickAt),
		"installed_at", iso(p.installedAt), "device_ip", p.ip, "country", p.country, "os_version", p.osVersion)...)
	if e.name != "" {
		params = slices.Concat(params, values("event_name", e.name, "event_at", iso(e.at), "amount", e.sale, "currency", o.Currency),
			[]Param{{Key: "goal_id", From: FromGoal}}, ifAny("event_id", e.order))
	}
	if e.rejected {
		params = append(params, values("is_rejected", "true", "reject_reason", e.reason)...)
	}
	return params
}
