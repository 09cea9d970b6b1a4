package traffic

import "time"

// verdicts plans what the MMP rejects: at once, later the same day, on the next day; and what others only claim it rejects.
func (d *draft) verdicts(day int) {
	for range d.count(40) {
		p := d.clicked(d.person(d.steady(), d.onDay(day), d.usualCTIT()))
		d.tell(Rejected, p, d.reject(installed(p), p.offer), d.delivered(p.installedAt))
	}
	for n := range d.count(8) {
		offer := d.steady()
		if n%2 == 0 {
			offer = gameAndroid
		}
		b := d.base(day, offer, 12*time.Minute, false)
		d.rejectLater(b.told, b.copyAt)
		if n%2 == 0 {
			// A retry of the accepted postback that overtakes nothing: the copy must not lift the rejection.
			d.again(b.told, SenderRetry, IdenticalCopy, b.told.request, b.told.at.Add(15*time.Minute))
		}
	}
	if day > 0 {
		for range d.count(5) {
			t := d.install(Install, d.steady(), d.onDay(day-1), d.usualCTIT())
			d.rejectLater(t, d.onDay(day))
		}
	}
	for range d.count(5) {
		b := d.base(day, d.steady(), 5*time.Minute+d.within(time.Hour), false)
		forged := d.rejecting(b.told)
		forged.Trusted, forged.Wrong = false, "wrong-"+d.hex(24)
		d.again(b.told, Forged, NotAConversion, forged, b.copyAt)
	}
}

func (d *draft) rejectLater(t told, at time.Time) {
	d.again(t, RejectedLater, VerdictUpdate, d.rejecting(t), at)
}

// rejecting is the request by which the MMP takes back what it told.
func (d *draft) rejecting(t told) Request {
	r := d.postback(t.person, d.reject(t.event, t.person.offer))
	r.IP, r.Post = t.request.IP, false
	return r
}

// frauds plans what rules should find, and clean installs that they must not confuse with it.
func (d *draft) frauds(day int) {
	for range d.count(25) {
		t := d.install(Injected, gameAndroid, d.onDay(day), d.shortCTIT())
		d.plan.Cases[t.id].Fraud, d.plan.Cases[t.id].Rules = true, []string{"F1"}
	}
	for range d.count(6) {
		t := d.install(SlowInjected, gameAndroid, d.onDay(day), time.Duration(10+d.rng.IntN(5))*time.Second)
		d.plan.Cases[t.id].Fraud, d.plan.Cases[t.id].Rules = true, []string{"F1"}
	}
	for range d.count(10) {
		const window = 7 * 24 * time.Hour
		t := d.install(OutOfWindow, d.steady(), d.onDay(day), window+time.Second+d.within(13*24*time.Hour).Truncate(time.Second))
		d.plan.Cases[t.id].Fraud, d.plan.Cases[t.id].Rules = true, []string{"F14"}
	}
	for range d.count(15) {
		d.install(QuickInstall, d.steady(), d.onDay(day), d.shortCTIT())
	}
	for range d.count(15) {
		p := d.person(d.steady(), d.onDay(day), d.usualCTIT())
		r := d.postback(p, installed(p))
		r = r.with(Param{Key: mmps()[r.Source].click, Value: "102" + d.hex(27)})
		d.tellAs(UnknownClick, p, installed(p), d.delivered(p.installedAt), r)
	}
}
