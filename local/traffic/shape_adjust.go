package traffic

import (
	"slices"
	"strconv"
	"strings"
)

// adjustParams are Adjust's placeholders in a callback: epoch seconds, and what has no value is dropped.
func adjustParams(o Offer, p person, e event) []Param {
	kind := "install"
	switch {
	case e.name != "":
		kind = "event"
	case e.rejected:
		kind = "rejected_install"
	}
	params := []Param{
		{Key: "activity_kind", Value: kind}, {Key: "click_id", From: FromClick}, {Key: "campaign_id", From: FromOffer}, {Key: "offer_id", From: FromOffer},
	}
	params = append(params, values("affiliate_id", p.affiliate, "app_id", o.AppID, "adid", p.mmpID, p.byPlatform("gps_adid", "idfa"), p.adID,
		"click_time", seconds(e.clickAt), "installed_at", seconds(p.installedAt), "created_at", seconds(e.at),
		"country", strings.ToLower(p.country), "ip_address", p.ip, "os_version", p.osVersion)...)
	if e.name == "" {
		params = append(params, values("conversion_duration", strconv.Itoa(int(p.installedAt.Sub(e.clickAt).Seconds())))...)
	} else {
		params = slices.Concat(params, values("event_token", "p7x2c1", "event_name", e.name), []Param{{Key: "goal_id", From: FromGoal}},
			ifAny("revenue_float", e.sale, "currency", o.Currency, "order_id", e.order))
	}
	return append(params, ifAny("rejection_reason", e.reason)...)
}
