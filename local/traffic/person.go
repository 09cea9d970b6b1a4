package traffic

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// person is one user of an app, come by one click.
type person struct {
	offer       int
	affiliate   string
	click       int // step
	clickedAt   time.Time
	installedAt time.Time
	platform    string
	adID        string // advertising id: lower case on Android, upper case on iOS
	mmpID       string // the MMP's own device id
	number      int    // of nine digits, the person's own
	ip, country string
	osVersion   string
	agent       string // of the browser
	subSite     string // where at the affiliate's the click was made; mostly nobody says, and only AppsFlyer tells
}

func (d *draft) person(offer int, installedAt time.Time, ctit time.Duration) person {
	o := d.plan.Offers[offer]
	p := person{
		offer: offer, affiliate: fmt.Sprint(2001 + d.rng.IntN(8)), click: NoClick,
		clickedAt: installedAt.Add(-ctit), installedAt: installedAt, platform: o.Platform,
		adID: d.uuid(), ip: d.address(), country: d.pick("US", "CA", "GB", "DE", "FR"),
	}
	if p.platform == "ios" {
		p.adID = strings.ToUpper(p.adID)
	}
	p.number = 100_000_000 + d.rng.IntN(900_000_000)
	p.osVersion = p.byPlatform(d.pick("13", "14", "15"), d.pick("17.6.1", "18.1"))
	p.agent = d.agent(p)
	p.mmpID = d.hex(32)
	if o.Source == appsflyer {
		p.mmpID = fmt.Sprintf("%d-%d", installedAt.UnixMilli()-int64(d.rng.IntN(5000)), p.number)
	}
	return p
}

// clicked lets the person pass through TUNE at their click's time.
func (d *draft) clicked(p person) person { return d.clickedAt(p, p.clickedAt) }

func (d *draft) clickedAt(p person, at time.Time) person {
	p.click = d.step(Step{
		At: at.Add(d.within(900 * time.Millisecond)), Kind: Visit, Case: -1,
		Click: &Click{
			Offer: p.offer, Affiliate: p.affiliate, SubSite: p.subSite, IP: p.ip, Country: p.country, DeviceID: p.adID, Platform: p.platform, UserAgent: p.agent,
		},
	})
	return p
}

// address is one of a network so wide that two people seldom share a block of it.
func (d *draft) address() string {
	return fmt.Sprintf("198.%d.%d.%d", 18+d.rng.IntN(2), d.rng.IntN(256), 1+d.rng.IntN(254))
}

// agent is the user agent of the person's browser: few models, many builds.
func (d *draft) agent(p person) string {
	build := fmt.Sprintf("%d.0.%d.%d", 120+d.rng.IntN(12), 6000+d.rng.IntN(700), d.rng.IntN(200))
	if p.platform == "ios" {
		return "Mozilla/5.0 (iPhone; CPU iPhone OS " + strings.ReplaceAll(p.osVersion, ".", "_") + " like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/" + build + " Mobile/15E148 Safari/604.1"
	}
	return "Mozilla/5.0 (Linux; Android " + p.osVersion + "; " + d.pick("Pixel 8", "Pixel 9", "SM-S911B", "SM-A546E", "2201116SG") + ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + build + " Mobile Safari/537.36"
}

// usualCTIT draws a clean click-to-install time of 10 s or more: lognormal(6.03, 2.50) seconds, as measured on real installs,
// cut at six days so that nothing clean comes near the window of seven.
func (d *draft) usualCTIT() time.Duration {
	const shortest, longest = 10, 6 * 24 * 3600
	for {
		if s := math.Exp(6.03 + 2.5*d.rng.NormFloat64()); s >= shortest && s <= longest {
			return time.Duration(s) * time.Second
		}
	}
}

func (d *draft) shortCTIT() time.Duration { return time.Duration(2+d.rng.IntN(8)) * time.Second }

// within draws a duration of whole milliseconds in [0, limit).
func (d *draft) within(limit time.Duration) time.Duration {
	return time.Duration(d.rng.Int64N(int64(limit/time.Millisecond))) * time.Millisecond
}

func (d *draft) between(from, to time.Time) time.Time {
	return from.Add(d.within(to.Sub(from))).Truncate(time.Second)
}

func (d *draft) pick(choices ...string) string { return choices[d.rng.IntN(len(choices))] }

func (d *draft) hex(digits int) string {
	const alphabet = "0123456789abcdef"
	var out strings.Builder
	for range digits {
		out.WriteByte(alphabet[d.rng.IntN(len(alphabet))])
	}
	return out.String()
}

func (d *draft) uuid() string {
	h := d.hex(31)
	return h[:8] + "-" + h[8:12] + "-4" + h[12:15] + "-" + d.pick("8", "9", "a", "b") + h[15:18] + "-" + h[18:30]
}

func (d *draft) amount() string { return fmt.Sprintf("%d.%02d", 1+d.rng.IntN(49), d.rng.IntN(100)) }
