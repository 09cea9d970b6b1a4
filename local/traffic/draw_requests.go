package traffic

import "time"

// unverified plans requests that prove no source, and those that are too large to keep.
func (d *draft) unverified(day int) {
	for n := range d.count(8) {
		p := d.clicked(d.person(d.steady(), d.onDay(day), d.usualCTIT()))
		stranger := d.postback(p, installed(p))
		stranger.Trusted, stranger.Wrong, stranger.Relation = false, "wrong-"+d.hex(24), NotAConversion
		d.send(BadToken, -1, d.delivered(p.installedAt), stranger)
		if n%2 == 0 {
			// The genuine one comes after it and must still be the first.
			at := minTime(p.installedAt.Add(time.Minute+d.within(9*time.Minute)), d.plan.calendar.start(day+1).Add(-2*time.Second))
			d.tell(Install, p, installed(p), at)
		}
	}
	for range d.count(5) {
		p := d.clicked(d.person(d.steady(), d.onDay(day), d.usualCTIT()))
		r := d.postback(p, installed(p))
		r.Source, r.Trusted, r.Wrong, r.Relation = "nosuchmmp", false, "wrong-"+d.hex(24), NotAConversion
		d.send(UnknownSource, -1, d.delivered(p.installedAt), r)
	}
	for range d.count(3) {
		p := d.clicked(d.person(d.steady(), d.onDay(day), d.usualCTIT()))
		r := d.postback(p, installed(p))
		r.Post, r.Padding, r.Relation = true, 260<<10+d.rng.IntN(20<<10), NotAConversion
		d.send(TooLarge, -1, d.delivered(p.installedAt), r)
	}
}

// malformed plans requests that are odd in one way each, and all the same tell of a conversion.
func (d *draft) malformed(day int) {
	oddities := []struct {
		kind Kind
		make func(Request) Request
	}{
		{BadEscape, func(r Request) Request { r.Tail = "&af_sub3=100%&af_sub4=%zz"; return r }},
		{Macro, func(r Request) Request { r.Tail = mmps()[r.Source].unresolved; return r }},
		{DoubleKey, func(r Request) Request {
			r.Tail = "&" + mmps()[r.Source].affiliate + "=9999&sub1=a&Sub1=b"
			return r
		}},
		{WithoutClick, func(r Request) Request { return r.without(mmps()[r.Source].click) }},
		{NotUTF8, func(r Request) Request { r.Tail = "&af_ad=caf%e9&af_adset=%ff%fe%00"; return r }},
		{LongQuery, func(r Request) Request { r.Post, r.Padding = false, 2300+d.rng.IntN(4000); return r }},
	}
	for _, oddity := range oddities {
		for range d.count(5) {
			p := d.person(d.steady(), d.onDay(day), d.usualCTIT())
			if oddity.kind != WithoutClick {
				p = d.clicked(p)
			}
			d.tellAs(oddity.kind, p, installed(p), d.delivered(p.installedAt), oddity.make(d.postback(p, installed(p))))
		}
	}
	for range d.count(3) {
		d.plusAndBlank(day)
	}
}

// plusAndBlank tells twice of an install, with the blank written in two ways: to whoever decodes it, the retry is identical.
func (d *draft) plusAndBlank(day int) {
	copyAt := maxTime(d.onDay(day), d.plan.calendar.start(day).Add(20*time.Minute))
	p := d.clicked(d.person(gameAndroid, copyAt.Add(-15*time.Minute-2*time.Second), d.usualCTIT()))
	r := d.postback(p, installed(p)).with(Param{Key: "af_adset", Value: "summer sale 7"})
	t := d.tellAs(PlusAndBlank, p, installed(p), p.installedAt.Add(2*time.Second+d.within(900*time.Millisecond)), r)
	r.Blank = "%20"
	d.again(t, PlusAndBlank, IdenticalCopy, r, copyAt)
}

// edges plans what is told late, and what is told around local midnight.
func (d *draft) edges(day int) {
	for n := range d.count(20) {
		received := d.onDay(day)
		at := received.Add(-25*time.Hour - d.within(44*time.Hour)).Truncate(time.Second)
		if n%2 == 0 {
			p := d.clicked(d.person(d.steady(), at, d.usualCTIT()))
			d.tell(Late, p, installed(p), received.Add(d.within(time.Second)))
			continue
		}
		p := d.clicked(d.person(d.steady(), at.Add(-time.Hour), d.usualCTIT()))
		d.tell(Late, p, d.purchase(p, goalPurchase, at), received.Add(d.within(time.Second)))
	}
	for n := range d.count(6) {
		received := d.plan.calendar.start(day).Add(50*time.Millisecond + d.within(2*time.Minute))
		if n%2 == 0 {
			received = d.plan.calendar.start(day + 1).Add(-2*time.Minute + d.within(118*time.Second))
		}
		at := received.Truncate(time.Second).Add(-time.Second)
		p := d.clicked(d.person(gameAndroid, at, d.usualCTIT()))
		t := d.tell(Midnight, p, installed(p), received)
		// A retry of one from before midnight is of the day after.
		d.again(t, SenderRetry, IdenticalCopy, t.request, t.at.Add(15*time.Minute))
	}
}

// tuneSide plans what TUNE decides or sees alone.
func (d *draft) tuneSide(day int) {
	for n := range d.count(20) {
		t := d.install(Pending, heldForApproval, d.onDay(day), d.usualCTIT())
		if n < 3 && day+1 < len(d.plan.Days) {
			d.step(Step{At: d.plan.calendar.start(day + 1).Add(9*time.Hour + d.within(time.Hour)), Kind: Settling, Case: t.id, Settle: &Settlement{t.person.click}})
		}
	}
	for range max(dailyCap+6, d.count(5)) {
		d.install(Capped, capped, d.onDay(day), d.usualCTIT())
	}
	for range d.count(8) {
		d.buyTwice(day)
	}
	for range d.count(5) {
		p := d.clicked(d.person(d.steady(), d.onDay(day), d.usualCTIT()))
		d.step(Step{At: d.plan.calendar.quiet(d.delivered(p.installedAt)), Kind: Bypass, Case: -1, Direct: &Direct{p.click, p.offer, -1}})
	}
	for n := range d.count(3) {
		payout, revenue := "1.00", "1.30"
		if n%2 == 0 {
			payout, revenue = "-2.00", "-2.60"
		}
		d.step(Step{At: d.plan.calendar.quiet(d.onDay(day)), Kind: ByHand, Case: -1, Adjust: &Adjustment{gameAndroid, "2001", payout, revenue}})
	}
}

// buyTwice plans two purchases where TUNE pays for one. Between them the queue is drained, so that TUNE sees them in this order.
func (d *draft) buyTwice(day int) {
	second := maxTime(d.onDay(day), d.plan.calendar.start(day).Add(70*time.Minute))
	first := second.Add(-65 * time.Minute)
	p := d.clicked(d.person(d.steady(), first.Add(-2*time.Hour), d.usualCTIT()))
	d.tell(Purchase, p, d.purchase(p, goalFirst, first), d.delivered(first))
	d.tell(TuneRepeat, p, d.purchase(p, goalFirst, second), d.delivered(second))
}
