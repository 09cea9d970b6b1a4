package tune

import (
	"regexp"
	"strings"
)

// rawLogHeader is the header of TUNE's click log, in its order.
func rawLogHeader() []string {
	return strings.Split("transaction_id,affiliate_id,affiliate_manager_id,advertiser_id,advertiser_manager_id,offer_id,creative_url_id,"+
		"affiliate_source,affiliate_sub1,affiliate_sub2,affiliate_sub3,affiliate_sub4,affiliate_sub5,datetime,revenue_cents,payout_cents,"+
		"refer,url,pixel_refer,ip,user_agent,country_code,browser_id,is_click_unique,ad_campaign_id,ad_campaign_creative_id,offer_file_id,"+
		"status,offer_file_size,currency,payout_type,revenue_type,device_brand,device_model,device_os,device_os_version,device_id,"+
		"device_id_md5,device_id_sha1,android_id,android_id_md5,android_id_sha1,mac_address,mac_address_md5,mac_address_sha1,odin,open_udid,"+
		"ios_ifa,ios_ifa_md5,ios_ifa_sha1,ios_ifv,user_id,unknown_id,payout_group_id,revenue_group_id,req_connection_speed,google_aid", ",")
}

// logRow is one click under the header's names; columns that TUNE's recorded logs leave empty are absent.
func (s *Server) logRow(transaction string, click session) record {
	offer := s.account.Offers[click.OfferID]
	row := record{
		"transaction_id": transaction, "affiliate_id": click.AffiliateID, "affiliate_manager_id": "0", "advertiser_id": offer["advertiser_id"],
		"advertiser_manager_id": "0", "offer_id": click.OfferID, "affiliate_source": click.Source,
		"affiliate_sub1": click.Subs[0], "affiliate_sub2": click.Subs[1], "affiliate_sub3": click.Subs[2], "affiliate_sub4": click.Subs[3],
		"affiliate_sub5": click.Subs[4], "datetime": s.local(click.At), "url": click.URL, "ip": click.IP, "user_agent": click.UserAgent,
		"country_code": click.Country, "browser_id": "0", "is_click_unique": "0", "currency": offer["currency"],
		"payout_type": offer["payout_type"], "revenue_type": offer["revenue_type"], "payout_group_id": "0", "revenue_group_id": "0",
		"req_connection_speed": "mobile", "google_aid": click.GoogleAID, "ios_ifa": click.IOSIFA, "android_id": click.AndroidID,
	}
	row["device_brand"], row["device_model"], row["device_os"], row["device_os_version"] = device(click.UserAgent)
	return row
}

var (
	androidAgent = regexp.MustCompile(`Android (\d+(?:\.\d+)?)[^;)]*; ([^;)]+)`)
	iosAgent     = regexp.MustCompile(`\((iPhone|iPad)[^)]* OS (\d+)_(\d+)`)
)

// device reads what TUNE would look up by the user agent; the brand is known of Apple's alone.
func device(userAgent string) (brand, model, system, version string) {
	if found := androidAgent.FindStringSubmatch(userAgent); found != nil {
		model, _, _ = strings.Cut(found[2], " Build/")
		return "", strings.TrimSpace(model), "Android", found[1]
	}
	if found := iosAgent.FindStringSubmatch(userAgent); found != nil {
		return "Apple", found[1], "iOS", found[2] + "." + found[3]
	}
	return "", "", "Desktop", ""
}
