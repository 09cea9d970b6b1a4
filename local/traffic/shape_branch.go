package traffic

import (
	"fmt"
	"slices"
	"strings"
)

// branchParams are those of a template for Branch: milliseconds, an id of Branch's own for each event, an absent value stays as an empty one.
func branchParams(o Offer, p person, e event) []Param {
	name := map[string]string{"": "INSTALL", "purchase": "PURCHASE", "level": "ACHIEVE_LEVEL"}[e.name]
	params := []Param{{Key: "click_id", From: FromClick}, {Key: "affiliate_id", Value: p.affiliate}, {Key: "offer_id", From: FromOffer}}
	params = append(params, values("event_name", name, "id", fmt.Sprintf("%d%d%s", e.at.Unix(), p.number, strings.ReplaceAll(e.sale, ".", "")), "event_timestamp", millis(e.at),
		"click_timestamp", millis(e.clickAt), "is_attributed", "1", "bundle_id", o.AppID, "device_id", p.mmpID,
		p.byPlatform("aaid", "idfa"), p.adID, "os", p.platform, "os_version", p.osVersion, "client_ip", p.ip, "country", p.country, "language", "en")...)
	if e.name != "" {
		params = slices.Concat(params, values("revenue", e.sale, "currency", o.Currency), []Param{{Key: "goal_id", From: FromGoal}})
	}
	if e.rejected {
		params = append(params, values("is_rejected", "true")...)
	}
	return params
}
