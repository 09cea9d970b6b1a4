package traffic

import "time"

// pauses stops two offers for some hours of the day, in mid-hour, and renames a third that stays active.
func (d *draft) pauses(day int) {
	start := d.plan.calendar.start(day)
	for n, offer := range []int{pausedAndroid, pausedIOS} {
		from := start.Add(time.Duration(10+3*n) * time.Hour).Add(25*time.Minute + d.within(20*time.Minute).Truncate(time.Second))
		to := from.Add(4*time.Hour + d.within(90*time.Minute).Truncate(time.Second))
		d.step(Step{At: from, Kind: Pausing, Case: -1, Change: &Change{offer, "status", "paused"}})
		d.step(Step{At: to, Kind: Pausing, Case: -1, Change: &Change{offer, "status", "active"}})
		for k := range d.count(5) {
			d.duringPause(offer, from, to, k%2 == 0)
			d.clickDuringPause(offer, from, to)
			d.beforePause(offer, from)
			d.toldToBoth(offer, from, to)
		}
	}
	renamed := d.plan.calendar.moment(d.rng, day)
	d.step(Step{At: renamed, Kind: Renaming, Case: -1, Change: &Change{shopEurope, "name", d.name("Shop Two Android EU")}})
}

// duringPause plans an install or a purchase while the offer is paused, by someone who clicked before.
func (d *draft) duringPause(offer int, from, to time.Time, buys bool) {
	clickedAt := d.between(from.Add(-3*time.Hour), from.Add(-10*time.Minute))
	at := d.between(from.Add(5*time.Minute), to.Add(-5*time.Minute))
	if !buys {
		d.install(PausedOffer, offer, at, at.Sub(clickedAt))
		return
	}
	p := d.clicked(d.person(offer, clickedAt.Add(4*time.Minute), 4*time.Minute))
	d.tell(PausedOffer, p, d.purchase(p, goalPurchase, at), d.delivered(at))
}

// clickDuringPause plans an install whose MMP saw a click while TUNE showed a blank page: an affiliate kept the tracking link of an
// earlier click, transaction id and all.
func (d *draft) clickDuringPause(offer int, from, to time.Time) {
	clickedAt := d.between(from.Add(2*time.Minute), to.Add(-time.Hour))
	p := d.person(offer, clickedAt.Add(10*time.Second+d.within(30*time.Minute).Truncate(time.Second)), 0)
	p.clickedAt = clickedAt
	p = d.clickedAt(p, d.between(from.Add(-time.Hour), from.Add(-time.Minute)))
	d.tell(PausedClick, p, installed(p), d.delivered(p.installedAt))
}

// beforePause plans an install after the last observation that saw the offer active: true, but nobody can prove it.
func (d *draft) beforePause(offer int, pause time.Time) {
	at := d.between(pause.Add(-20*time.Minute), pause.Add(-15*time.Second))
	d.install(PausedUnseen, offer, at, 10*time.Second+d.within(50*time.Second).Truncate(time.Second))
}

// sincePause is shorter than the time from the end of a pause to the first installs of the next day that need a click outside of it.
const sincePause = 12 * time.Hour

// toldToBoth plans an install of which TUNE has a row that does not bear our id: only click, goal and time join the two. The install lies
// before the last observation that saw the offer active, so its status is proven.
func (d *draft) toldToBoth(offer int, from, to time.Time) {
	at := d.between(from.Add(-100*time.Minute), from.Add(-70*time.Minute))
	p := d.clicked(d.person(offer, at, min(d.usualCTIT(), sincePause)))
	t := d.tell(ToldToBoth, p, installed(p), d.between(from.Add(5*time.Minute), to.Add(-5*time.Minute)).Add(d.within(time.Second)))
	d.step(Step{At: d.plan.calendar.quiet(d.delivered(at)), Kind: ToldToBoth, Case: t.id, Direct: &Direct{p.click, offer, -1}})
}
