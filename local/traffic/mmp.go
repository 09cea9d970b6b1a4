package traffic

import "time"

// The sources, as in deploy/routes.yaml.
const (
	appsflyer = "appsflyer"
	adjust    = "adjust"
	branch    = "branch"
	kochava   = "kochava"
	singular  = "singular"
	generic   = "generic"
)

// mmp is how one MMP sends its postbacks.
type mmp struct {
	params func(o Offer, p person, e event) []Param

	click, affiliate, deviceIP string // what it calls the click, the affiliate and the device's address

	unresolved string          // parameters of its template that nobody filled in, as they stand behind a query
	network    string          // its addresses but for the last number
	posts      int             // one request in so many is a form POST; 0 is none
	retries    []time.Duration // when it sends again what we did not take, counted from the first time
	reasons    []string        // its words for a rejection; "" is none
}

// mmps are the six sources. Names, forms and schedules are those of their documentation, where it says them.
func mmps() map[string]mmp {
	return map[string]mmp{
		appsflyer: {
			params: appsflyerParams, click: "clickid", affiliate: "af_siteid", deviceIP: "device_ip", network: "45.92.116.",
			unresolved: "&af_sub4={sub4}&af_sub5=(af_sub5)&reject_reason=(reject_reason)&blocked_reason=(blocked_reason)",
			retries:    minutes(15, 30, 45, 60),
			reasons:    []string{"ctit_anomalies", "install_hijacking", "click_flood", "site_blacklist", "bots", "install_validation_rules"},
		},
		adjust: {
			params: adjustParams, click: "click_id", affiliate: "affiliate_id", deviceIP: "ip_address", network: "198.51.100.", posts: 5,
			unresolved: "&sub4={sub4}&subpublisher_id={subpublisher_id}",
			retries:    minutes(10, 60, 180, 420, 720, 1380),
			reasons:    []string{"anonymous_traffic", "distribution_outlier", "too_many_engagements", "engagement_injection", "incorrect_signature"},
		},
		branch: {
			params: branchParams, click: "click_id", affiliate: "affiliate_id", deviceIP: "client_ip", network: "198.51.100.", posts: 3,
			unresolved: "&user_agent=${(user_data.user_agent)!}&secondary_publisher=${(last_attributed_touch_data.~secondary_publisher)!}",
			retries:    []time.Duration{2100 * time.Millisecond},
			reasons:    []string{""},
		},
		kochava: {
			params: kochavaParams, click: "click_id", affiliate: "site_id", deviceIP: "ip", network: "198.51.100.", posts: 4,
			unresolved: "&creative_id={creative_id}&reject_reason={reject_reason}",
			retries:    minutes(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
			reasons:    []string{"blacklist_site", "click_flooding", "mtti", "geo", "VPN", "Proxy", "TOR", "blacklist_site|click_flooding"},
		},
		singular: {
			params: singularParams, click: "cl_id", affiliate: "affiliate_id", deviceIP: "attribution_ip", network: "198.134.6.",
			unresolved: "&sub4={sub4}&sub5={sub5}&psid={psid?Network}",
			retries:    minutes(1, 5, 15, 30, 60),
			reasons:    []string{"Blacklisted IPs", "iOS Install Receipt Validation", "Hyper engagement", "User-defined Rule"},
		},
		generic: {
			params: genericParams, click: "transaction_id", affiliate: "affiliate_id", deviceIP: "device_ip", network: "198.51.100.", posts: 6,
			unresolved: "&sub_site_id={{site}}&reject_reason=null",
			retries:    minutes(5, 60, 600),
			reasons:    []string{"fraud"},
		},
	}
}

// mmp is the one that tells of an offer.
func (d *draft) mmp(offer int) mmp { return mmps()[d.plan.Offers[offer].Source] }

func minutes(counts ...int) []time.Duration {
	var after []time.Duration
	for _, n := range counts {
		after = append(after, time.Duration(n)*time.Minute)
	}
	return after
}
