package traffic

import (
	"fmt"
	"slices"
	"time"
)

// singularParams are those of Singular's two templates: texts in UTC for installs, seconds for events.
func singularParams(o Offer, p person, e event) []Param {
	write := map[bool]func(time.Time) string{true: text, false: seconds}[e.name == ""]
	params := []Param{{Key: "cl_id", From: FromClick}, {Key: "affiliate_id", Value: p.affiliate}, {Key: "offer_id", From: FromOffer}}
	params = append(params, values("utc", write(e.at), "click_utc", write(e.clickAt), p.byPlatform("longname", "public_id"), o.AppID,
		p.byPlatform("aifa", "idfa"), p.adID, "platform", p.platform, "os_version", p.osVersion, "attribution_ip", p.ip, "touchpoint_ip", p.ip,
		"attribution_country", p.country, "is_re_eng", "0", "is_viewthrough", "0")...)
	if e.name != "" {
		name := map[string]string{"purchase": "__iap__", "level": "level_up"}[e.name]
		params = slices.Concat(params, values("event_name", name, "install_utc", write(p.installedAt), "amount", e.sale, "currency", o.Currency,
			"event_attrs", fmt.Sprintf(`{"level":%d}`, p.number%50)), []Param{{Key: "goal_id", From: FromGoal}}, ifAny("order_id", e.order))
	}
	if e.rejected {
		params = append(params, values("is_rejected", "1", "reject_reason", e.reason)...)
	}
	return params
}
