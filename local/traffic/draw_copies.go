package traffic

import "time"

// copies plans requests that tell of a conversion a second time. The copy falls on the day; what it copies may be of the day before.
func (d *draft) copies(day int) {
	for range d.count(30) {
		d.senderRetry(day)
	}
	for n := range d.count(20) {
		base := d.base(day, d.steady(), 10*time.Minute+d.within(9*time.Hour), n%2 == 0)
		changed := base.told.request.with(Param{Key: d.mmp(base.told.person.offer).deviceIP, Value: "203.0.113.255"}, Param{Key: "sub2", Value: "again"})
		d.again(base.told, Repeat, OtherCopy, changed, base.copyAt)
	}
	for n := range d.count(10) {
		base := d.base(day, gameAndroid, 3*time.Hour+d.within(6*time.Hour), n%2 == 0)
		d.again(base.told, LateRepeat, IdenticalCopy, base.told.request, base.copyAt)
	}
	for range d.count(5) {
		d.nameless(day)
	}
	for range d.count(10) {
		p := d.clicked(d.person(d.steady(), d.onDay(day), d.usualCTIT()))
		r := d.postback(p, installed(p))
		r.Twice = true
		d.tellAs(QueueTwice, p, installed(p), d.delivered(p.installedAt), r)
	}
}

// base is a told conversion and the planned time of its copy.
type base struct {
	told   told
	copyAt time.Time
}

// base plans a conversion told so long before an instant of the day, and gives both.
func (d *draft) base(day, offer int, delay time.Duration, buys bool) base {
	days := d.plan.calendar
	delay = delay.Truncate(time.Second)
	copyAt := d.onDay(day)
	for copyAt.Add(-delay - 10*time.Second).Before(days.start(0)) {
		copyAt = d.onDay(day)
	}
	at := copyAt.Add(-delay)
	received := at.Add(d.within(900 * time.Millisecond))
	if buys {
		p := d.clicked(d.person(offer, at.Add(-time.Hour-d.within(40*time.Hour).Truncate(time.Second)), d.usualCTIT()))
		return base{d.tell(Purchase, p, d.purchase(p, goalPurchase, at.Add(-2*time.Second)), received), copyAt.Add(d.within(900 * time.Millisecond))}
	}
	p := d.clicked(d.person(offer, at.Add(-2*time.Second), d.usualCTIT()))
	return base{d.tell(Install, p, installed(p), received), copyAt.Add(d.within(900 * time.Millisecond))}
}

// senderRetry repeats the identical request at a time of the sender's schedule.
func (d *draft) senderRetry(day int) {
	offer := d.steady()
	retries := d.mmp(offer).retries
	b := d.base(day, offer, retries[d.rng.IntN(len(retries))], d.rng.IntN(2) == 0)
	d.again(b.told, SenderRetry, IdenticalCopy, b.told.request, b.copyAt)
}

// nameless plans an event without order id, sale or any other identity, its retry, and the same words some hours later. Nobody can tell
// whether those are one more event or one more retry, so they are a conversion of their own, to be looked at.
func (d *draft) nameless(day int) {
	later := maxTime(d.onDay(day), d.plan.calendar.start(day).Add(8*time.Hour))
	at := later.Add(-3*time.Hour - d.within(3*time.Hour)).Truncate(time.Second)
	p := d.clicked(d.person(gameAndroid, at.Add(-2*time.Hour), d.usualCTIT()))
	e := event{at: at, name: "level", goal: goalPurchase, clickAt: p.clickedAt}
	once := d.tell(Nameless, p, e, d.delivered(at))
	d.again(once, SenderRetry, IdenticalCopy, once.request, once.at.Add(15*time.Minute))
	again := d.tellAs(NamelessAgain, p, e, d.delivered(later), once.request)
	d.plan.Cases[again.id].Again = once.id
}

// onDay is an instant of the day that leaves room for a receipt on the same day.
func (d *draft) onDay(day int) time.Time {
	days := d.plan.calendar
	at := maxTime(d.plan.calendar.moment(d.rng, day), days.start(day).Add(20*time.Second))
	return minTime(at, days.start(day+1).Add(-20*time.Second))
}
