package traffic

import (
	"fmt"
	"slices"
)

// appsflyerParams are those of AppsFlyer's templates for partners: texts in UTC, an absent value stays as an empty one.
func appsflyerParams(o Offer, p person, e event) []Param {
	params := []Param{{Key: "clickid", From: FromClick}, {Key: "af_siteid", Value: p.affiliate}, {Key: "af_c_id", From: FromOffer}}
	params = append(params, values("app_id", o.AppID, "appsflyer_id", p.mmpID, p.byPlatform("advertising_id", "idfa"), p.adID,
		"install_time", text(p.installedAt), "click_time", text(e.clickAt),
		"country_code", p.country, "language", "en", "device_carrier", "", "device_ip", p.ip, "os_version", p.osVersion)...)
	params = append(params, ifAny("af_sub_siteid", p.subSite)...)
	if e.name != "" {
		params = slices.Concat(params,
			values("event_name", "af_"+e.name, "event_time", text(e.at), "event_revenue", e.sale, "event_revenue_currency", o.Currency,
				"event_value", fmt.Sprintf(`{"af_revenue":%q,"af_currency":%q}`, e.sale, o.Currency)),
			[]Param{{Key: "goal_id", From: FromGoal}},
			ifAny("partner_event_id", e.order))
	}
	if e.rejected {
		params = append(params, values("is_rejected", "1", "reject_reason", e.reason, "reject_reason_value", `"1123456"`)...)
	}
	return params
}
