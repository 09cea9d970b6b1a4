package traffic

import "slices"

// kochavaParams are those of a custom postback of Kochava: the event as a text in UTC, the click in seconds.
func kochavaParams(o Offer, p person, e event) []Param {
	name := map[string]string{"": "_install", "purchase": "Purchase", "level": "Level Complete"}[e.name]
	params := []Param{{Key: "click_id", From: FromClick}, {Key: "site_id", Value: p.affiliate}, {Key: "offer_id", From: FromOffer}}
	params = append(params, values("event_name", name, "event_time", text(e.at), "att_time", seconds(e.clickAt), "app_id", o.AppID,
		"kochava_device_id", p.mmpID, p.byPlatform("adid", "idfa"), p.adID, "ip", p.ip, "country", p.country, "network_name", "Backstop's network")...)
	if e.name != "" {
		params = slices.Concat(params, values("event_value", "", "revenue", e.sale, "currency", o.Currency), []Param{{Key: "goal_id", From: FromGoal}},
			ifAny("order_id", e.order))
	}
	return append(params, ifAny("reject_reason", e.reason)...)
}
