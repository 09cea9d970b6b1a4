// Package tune is a stand-in of a TUNE (HasOffers) network account for one machine: the click and postback endpoints of its
// tracking domain and the part of its API v3 that Backstop and the traffic maker use. It answers as TUNE does where public
// documents or recordings say how, which is often unlike its neighbours: HTTP 200 for a refused postback, string numbers,
// pages keyed by id in no order, times without a zone.
//
// What is guessed because no public text was found, and therefore can be switched or is named here:
//   - a postback for a paused offer leaves no row (PausedPolicy); the same holds for a goal that is not active
//   - the words of "Duplicate conversion", "Session expired" and "Invalid Goal ID"
//   - a repeat is any earlier row of the same transaction and goal, whatever became of that row
//   - caps, whitelist and security token record a rejected row and still answer success=true;
//   - adv_sub beyond 500 characters is cut
//   - raw logs: directories are days of the network's zone, an hour without clicks has a log, too, and links end after 15 minutes
//
// The header X-Backstop-Country of a click stands for TUNE's geo look-up, X-Backstop-Source-Ip for the peer's address.
//
// Not imitated: geo and device look-ups, affiliates and advertisers as models, raw logs of conversions and impressions and when they
// expire, is_click_unique, reports, groups, network-wide settings other than the unique id, affiliate caps.
package tune
