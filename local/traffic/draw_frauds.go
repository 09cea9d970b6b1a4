package traffic

import (
	"fmt"
	"time"
)

// Affiliates that send nothing but fraud, each from one site, so that no clean install shares its site with them.
const (
	floodingAffiliate = "2101"
	spammingAffiliate = "2102"
	rejectedAffiliate = "2103"
)

const spammedPlace = "5511" // the spamming affiliate's one sub site

// plant plans what the fraud rules look for, on each day as much as they ask for. What a rule must find is noted in the case.
func (d *draft) plant(day int) {
	d.flood(day)
	d.spam(day)
	d.farm(day)
	d.rejectedSite(day)
	d.lookAlikes(day)
	for range 6 {
		d.startedBeforeClick(day)
		d.abroad(day)
		d.spoofed(day)
		d.engaged(day)
		d.roaming(day)
		d.reinstalled(day)
		d.outOfOrder(day)
		d.swapped(day)
	}
}

// lookAlikes are clean, and show why a heuristic only asks a person.
func (d *draft) lookAlikes(day int) {
	mistaken := func(p person, r Request) {
		t := d.tellAs(LookAlike, p, installed(p), d.delivered(p.installedAt), r)
		d.plan.Cases[t.id].Mistaken = true
	}
	for range 2 {
		traveller := d.clicked(d.player(d.lateOnDay(day), d.soon()))
		traveller.country = "MX"
		mistaken(traveller, d.postback(traveller, installed(traveller)))

		again := d.lateOnDay(day)
		first := d.install(Install, gameAndroid, again.Add(-2*time.Hour), d.soon())
		back := d.player(again, d.soon())
		back.adID = first.person.adID
		back = d.clicked(back)
		mistaken(back, d.postback(back, installed(back)))

		undecided := d.player(d.lateOnDay(day), d.soon())
		for range 11 {
			d.clickedAt(undecided, d.earlierToday(day, undecided))
		}
		undecided = d.clicked(undecided)
		mistaken(undecided, d.postback(undecided, installed(undecided)))
	}
}

// player is a person of the Android game.
func (d *draft) player(installedAt time.Time, ctit time.Duration) person {
	return d.person(gameAndroid, installedAt, ctit)
}

// planted tells of an install that the rules must find.
func (d *draft) planted(kind Kind, p person, r Request, received time.Time, rules ...string) told {
	t := d.tellAs(kind, p, installed(p), received, r)
	d.plan.Cases[t.id].Fraud, d.plan.Cases[t.id].Rules = true, rules
	return t
}

// tellPlanted is planted for someone who clicked and whose postback is as any other.
func (d *draft) tellPlanted(kind Kind, p person, rules ...string) told {
	p = d.clicked(p)
	return d.planted(kind, p, d.postback(p, installed(p)), d.delivered(p.installedAt), rules...)
}

// flood claims installs by clicks that were sown hours and days before: their times are spread flatly. A third of the hours have one
// install each; the rest comes in a single hour.
func (d *draft) flood(day int) {
	start := d.plan.calendar.start(day)
	claim := func(at time.Time, kind Kind, rules ...string) {
		const soonest, latest = 2 * time.Hour, 165 * time.Hour // less than the window of seven days
		p := d.player(at, soonest+d.within(latest-soonest).Truncate(time.Second))
		p.affiliate = floodingAffiliate
		d.tellPlanted(kind, p, rules...)
	}
	for hour := range 21 {
		claim(start.Add(time.Duration(hour)*time.Hour+time.Minute+d.within(50*time.Minute)).Truncate(time.Second), Flood, "F3", "F5")
	}
	for range 32 {
		claim(start.Add(22*time.Hour+time.Minute+d.within(50*time.Minute)).Truncate(time.Second), Burst, "F3", "F5", "F19")
	}
}

// spam sends ten thousand clicks for five installs, all by one user agent, each hour's from one block of addresses.
func (d *draft) spam(day int) {
	const hours, clicksAnHour, installs = 23, 445, 5
	start := d.plan.calendar.start(day)
	for hour := range hours {
		at := start.Add(time.Duration(hour)*time.Hour + 5*time.Minute)
		block := fmt.Sprintf("198.51.%d.", 101+hour)
		d.step(Step{At: at, Kind: Visit, Case: -1, Click: &Click{
			Offer: gameAndroid, Affiliate: spammingAffiliate, SubSite: spammedPlace, IP: block + "7", Country: "US", UserAgent: spamAgent, Times: clicksAnHour,
		}})
		if hour%5 != 0 || hour/5 >= installs {
			continue
		}
		clicked := at.Add(10 * time.Minute)
		p := d.player(clicked.Add(20*time.Second+d.within(20*time.Minute)).Truncate(time.Second), 0)
		p.affiliate, p.subSite, p.agent, p.ip, p.country = spammingAffiliate, spammedPlace, spamAgent, block+"9", "US"
		p.clickedAt = clicked
		d.tellPlanted(Spam, p, "F4", "F6", "F11")
	}
}

// spamAgent is the one browser of the spamming affiliate.
const spamAgent = "Mozilla/5.0 (Linux; Android 9; SM-G960F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0.3729.157 Mobile Safari/537.36"

// farm installs from one block of addresses within an hour.
func (d *draft) farm(day int) {
	hour := d.plan.calendar.start(day).Add(time.Duration(9+d.rng.IntN(8)) * time.Hour)
	for n := range 12 {
		p := d.player(hour.Add(2*time.Minute+d.within(50*time.Minute)).Truncate(time.Second), d.soon())
		p.ip = fmt.Sprintf("192.0.2.%d", n+1)
		d.tellPlanted(Farm, p, "F6b")
	}
}

// rejectedSite sends installs of which the MMP rejects most; the others are suspect for it.
func (d *draft) rejectedSite(day int) {
	for n := range 33 {
		p := d.player(d.onDay(day), d.usualCTIT())
		p.affiliate = rejectedAffiliate
		if n < 6 {
			d.tellPlanted(SiteSuspect, p, "F18")
			continue
		}
		p = d.clicked(p)
		e := installed(p)
		e.rejected, e.reason = true, "bots"
		d.tell(SiteRejected, p, e, d.delivered(p.installedAt))
	}
}

// startedBeforeClick claims an install that had begun when its click came: the store's own times give it away.
func (d *draft) startedBeforeClick(day int) {
	p := d.clicked(d.player(d.onDay(day), 15*time.Second+d.within(30*time.Second).Truncate(time.Second)))
	began := p.clickedAt.Add(-10*time.Second - d.within(time.Minute).Truncate(time.Second))
	r := d.postback(p, installed(p)).with(Param{Key: "gp_install_begin", Value: seconds(began)})
	d.planted(StoreInjected, p, r, d.delivered(p.installedAt), "F2")
}

// abroad installs in another country than it clicked in.
func (d *draft) abroad(day int) {
	p := d.clicked(d.player(d.lateOnDay(day), d.soon()))
	p.country = "VN"
	d.planted(Abroad, p, d.postback(p, installed(p)), d.delivered(p.installedAt), "F9")
}

// spoofed makes up an advertising id.
func (d *draft) spoofed(day int) {
	p := d.player(d.onDay(day), d.usualCTIT())
	p.adID = "spoofed-" + d.hex(12)
	d.tellPlanted(Spoofed, p, "F12")
}

// engaged clicks a dozen times on the same offer before it installs.
func (d *draft) engaged(day int) {
	p := d.player(d.lateOnDay(day), d.soon())
	for range 11 {
		d.clickedAt(p, d.earlierToday(day, p))
	}
	d.tellPlanted(Engaged, p, "F13")
}

// roaming clicks from seven addresses within a day.
func (d *draft) roaming(day int) {
	p := d.player(d.lateOnDay(day), d.soon())
	away := p
	for range 6 {
		away.ip = d.address()
		d.clickedAt(away, d.earlierToday(day, p))
	}
	d.tellPlanted(Roaming, p, "F7")
}

// reinstalled lets a device install the app a second time by another click; the first time is as it should be.
func (d *draft) reinstalled(day int) {
	second := d.lateOnDay(day)
	first := d.install(Install, gameAndroid, second.Add(-2*time.Hour), d.soon())
	p := d.player(second, d.soon())
	p.adID = first.person.adID
	d.tellPlanted(Reinstall, p, "F7b")
}

// outOfOrder tells, once both have happened, of a click after the install.
func (d *draft) outOfOrder(day int) {
	at := minTime(d.lateOnDay(day), d.plan.calendar.start(day+1).Add(-time.Hour))
	p := d.clicked(d.player(at, d.soon()))
	p.clickedAt = p.installedAt.Add(6*time.Minute + d.within(30*time.Minute).Truncate(time.Second))
	d.planted(OutOfOrder, p, d.postback(p, installed(p)), d.delivered(p.clickedAt), "F15")
}

// swapped is told of another offer than was clicked on, which TUNE refuses.
func (d *draft) swapped(day int) {
	p := d.player(d.lateOnDay(day), d.soon())
	elsewhere := p
	elsewhere.offer = runnerAndroid
	p.click = d.clicked(elsewhere).click
	d.planted(Swapped, p, d.postback(p, installed(p)), d.delivered(p.installedAt), "F16b")
}

// soon is a clean time from click to install of minutes: a click of the same day, whose log is fetched.
func (d *draft) soon() time.Duration {
	return 30*time.Second + d.within(10*time.Minute).Truncate(time.Second)
}

// lateOnDay is an instant of the day with hours of it before.
func (d *draft) lateOnDay(day int) time.Time {
	return maxTime(d.onDay(day), d.plan.calendar.start(day).Add(3*time.Hour+d.within(time.Hour).Truncate(time.Second)))
}

// earlierToday is an instant of the day before the person's click.
func (d *draft) earlierToday(day int, p person) time.Time {
	return d.between(d.plan.calendar.start(day).Add(time.Minute), p.clickedAt.Add(-time.Minute))
}
