package route_test

import (
	"path/filepath"
	"testing"

	"backstop/ingest"
	"backstop/ingest/route"
)

func shipped(t *testing.T) *route.Set {
	t.Helper()
	set, err := route.Load(filepath.Join("..", "..", "deploy", "routes.yaml"), route.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// The shipped file must route what senders really send; "" is no route.
func TestShippedRoutes(t *testing.T) {
	tests := []struct {
		source, query string
		rejected      bool
		route, url    string
	}{
		{"appsflyer", "clickid=102&af_c_id=1001", false, "appsflyer_install", "/aff_lsr?transaction_id=102&offer_id=1001&adv_sub=p"},
		{"appsflyer", "clickid=102&event_name=install", false, "appsflyer_install", "/aff_lsr?transaction_id=102&adv_sub=p"},
		{"appsflyer", "clickid=102&goal_id=31&event_name=af_purchase&event_revenue=4.99", false, "appsflyer_event",
			"/aff_goal?a=lsr&goal_id=31&transaction_id=102&adv_sub=p&amount=4.99"},
		{"appsflyer", "clickid={clickid}", false, "appsflyer_install", "/aff_lsr?transaction_id=%7Bclickid%7D&adv_sub=p"},
		{"appsflyer", "clickid=102&is_rejected=1", true, "appsflyer_install", ""},
		{"appsflyer", "clickid=102&is_rejected=true", true, "appsflyer_install", ""},
		{"appsflyer", "clickid=102&is_rejected=0", false, "appsflyer_install", ""},
		{"appsflyer", "clickid=102&reject_reason=bots", true, "appsflyer_install", ""},
		{"appsflyer", "clickid=102&is_rejected=TRUE", true, "appsflyer_install", ""},
		{"appsflyer", "clickid=102&blocked_reason=bots", true, "appsflyer_install", ""},
		{"appsflyer", "clickid=102&reject_reason=", false, "appsflyer_install", ""},
		{"appsflyer", "clickid=102&event_name=(event_name)&is_rejected=(is_rejected)&reject_reason=(reject_reason)&blocked_reason=null", false, "appsflyer_install",
			"/aff_lsr?transaction_id=102&adv_sub=p"},
		{"adjust", "click_id=102&activity_kind=install&campaign_id=1001", false, "adjust_install", "/aff_lsr?transaction_id=102&offer_id=1001&adv_sub=p"},
		{"adjust", "click_id=102&activity_kind=event&goal_id=31&revenue_float=0.5", false, "adjust_event",
			"/aff_goal?a=lsr&goal_id=31&transaction_id=102&adv_sub=p&amount=0.5"},
		{"adjust", "click_id=102&activity_kind=rejected_install", true, "adjust_install", ""},
		{"adjust", "click_id=102&activity_kind=rejected_reattribution", true, "", ""},
		{"adjust", "click_id=102&activity_kind=install&rejection_reason=anonymous_traffic", true, "adjust_install", ""},
		{"adjust", "click_id=102&activity_kind=session", false, "", ""},
		{"adjust", "click_id=102", false, "", ""},
		{"adjust", "transaction_id=102&activity_kind=install&campaign_id=1001", false, "adjust_install", "/aff_lsr?transaction_id=102&offer_id=1001&adv_sub=p"},
		{"branch", "click_id=102&offer_id=1001&event_name=INSTALL", false, "branch_install", "/aff_lsr?transaction_id=102&offer_id=1001&adv_sub=p"},
		{"branch", "~click_id=102&goal_id=31&event_name=PURCHASE&revenue=4.99", false, "branch_event",
			"/aff_goal?a=lsr&goal_id=31&transaction_id=102&adv_sub=p&amount=4.99"},
		{"branch", "click_id=102&event_name=OPEN", false, "", ""},
		{"branch", "click_id=102&event_name=INSTALL&is_rejected=1", true, "branch_install", ""},
		{"branch", "click_id=102&event_name=INSTALL&reject_reason=${(reject_reason)!}", false, "branch_install", ""},
		{"kochava", "click_id=102&offer_id=1001&event_name=_install", false, "kochava_install", "/aff_lsr?transaction_id=102&offer_id=1001&adv_sub=p"},
		{"kochava", "click_id=102&goal_id=31&event_name=Purchase&revenue=4.99", false, "kochava_event",
			"/aff_goal?a=lsr&goal_id=31&transaction_id=102&adv_sub=p&amount=4.99"},
		{"kochava", "click_id=102&event_name=_install&reject_reason=blacklist_site|click_flooding", true, "kochava_install", ""},
		{"singular", "cl_id=102&offer_id=1001", false, "singular_install", "/aff_lsr?transaction_id=102&offer_id=1001&adv_sub=p"},
		{"singular", "cl_id={cl?Network}&click_id=102&goal_id=31&event_name=__iap__&amount=4.99", false, "singular_event",
			"/aff_goal?a=lsr&goal_id=31&transaction_id=102&adv_sub=p&amount=4.99"},
		{"singular", "cl_id=102&is_rejected=1&reject_reason=Blacklisted+IPs", true, "singular_install", ""},
		{"generic", "click_id=102&offer_id=1001", false, "generic_conversion", "/aff_lsr?transaction_id=102&offer_id=1001&adv_sub=p"},
		{"generic", "transaction_id=102&reject_reason=fraud", true, "generic_conversion", ""},
		{"generic", "transaction_id=102&offer_id=1001&amount=1", false, "generic_conversion", "/aff_lsr?transaction_id=102&offer_id=1001&adv_sub=p&amount=1"},
		{"generic", "transaction_id=102&goal_id=31", false, "generic_event", "/aff_goal?a=lsr&goal_id=31&transaction_id=102&adv_sub=p"},
	}
	set := shipped(t)
	for _, test := range tests {
		t.Run(test.source+" "+test.query, func(t *testing.T) {
			got := set.Decide(ingest.Postback{ID: "p", Source: test.source, Verdict: ingest.VerdictOK, RawQuery: test.query})
			if got.MMPRejected != test.rejected || got.Route != test.route || got.Shadow {
				t.Errorf("decision %+v", got)
			}
			if test.url == "" {
				return
			}
			for _, destination := range set.Destinations {
				if destination.Name != got.Destination {
					continue
				}
				if url, err := destination.Expand(got.Variables, nil); err != nil || url != destination.BaseURL+test.url {
					t.Errorf("got %s, want %s (%v)", url, test.url, err)
				}
			}
		})
	}
}

func TestShippedTokensBelongToNobody(t *testing.T) {
	for _, source := range shipped(t).Sources {
		if source.Tokens() != 1 {
			t.Errorf("%s has %d tokens", source.Name, source.Tokens())
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("version: &a {b: *a}"))
	f.Add([]byte("sources: {a: {tokens: [~]}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := route.Parse("routes.yaml", data, route.Options{})
		if (set == nil) != (err != nil) {
			t.Fatalf("set %v, error %v", set, err)
		}
	})
}
