package traffic

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// draft is a plan in the making.
type draft struct {
	rng    *rand.Rand
	plan   *Plan
	wanted int
	people []person // clean installs of the main offers, who may buy
}

// step adds a step and returns its number, which stays right until the plan is put in order.
func (d *draft) step(s Step) int {
	s.ID = len(d.plan.Steps)
	d.plan.Steps = append(d.plan.Steps, s)
	return s.ID
}

// draw makes the whole plan: the rare kinds first, then clean installs and purchases until each day has its requests.
func (d *draft) draw() {
	d.regulars()
	for i := range d.plan.Days {
		d.pauses(i)
		d.copies(i)
		d.verdicts(i)
		d.frauds(i)
		d.plant(i)
		d.unverified(i)
		d.malformed(i)
		d.unreadable(i)
		d.edges(i)
		d.tuneSide(i)
	}
	for i := range d.plan.Days {
		d.fill(i)
	}
	d.observations()
	d.plan.inOrder()
}

// count is how often a kind comes on one day: a share in thousandths of the wanted requests, and at least six times.
func (d *draft) count(thousandths int) int { return max(6, d.wanted*thousandths/1000) }

// told is a conversion that has been told once.
type told struct {
	id      int
	at      time.Time
	request Request
	person  person
	event   event
}

// tell adds a conversion and its first request, received at the given time.
func (d *draft) tell(kind Kind, p person, e event, received time.Time) told {
	return d.tellAs(kind, p, e, received, d.postback(p, e))
}

func (d *draft) tellAs(kind Kind, p person, e event, received time.Time, r Request) told {
	o := d.plan.Offers[p.offer]
	c := Case{
		ID: len(d.plan.Cases), Kind: kind, Source: o.Source, Event: e.name, Offer: p.offer, Goal: e.goal, Click: p.click,
		ClickedAt: e.clickAt, OccurredAt: e.at, Sale: e.sale, Again: -1,
	}
	if e.name == "" {
		c.CTIT = e.at.Sub(e.clickAt)
	}
	d.plan.Cases = append(d.plan.Cases, c)
	t := told{id: c.ID, at: d.plan.calendar.quiet(received), request: r, person: p, event: e}
	d.send(kind, c.ID, t.at, r)
	return t
}

func (d *draft) send(kind Kind, caseID int, at time.Time, r Request) {
	d.step(Step{At: d.plan.calendar.quiet(at), Kind: kind, Case: caseID, Request: &r})
}

// again sends a further request of a told conversion, unless the plan ends before. Only a trusted one belongs to the conversion.
func (d *draft) again(t told, kind Kind, relation Relation, r Request, at time.Time) {
	if !at.Before(d.plan.calendar.end()) {
		return
	}
	r.Relation = relation
	id := t.id
	if relation == NotAConversion {
		id = -1
	}
	d.send(kind, id, at, r)
}

// delivered is when a request arrives that is sent as soon as the event happens.
func (d *draft) delivered(occurred time.Time) time.Time {
	return occurred.Add(300*time.Millisecond + d.within(8*time.Second))
}

func installed(p person) event { return event{at: p.installedAt, goal: -1, clickAt: p.clickedAt} }

// install plans a clean install of an offer and its postback.
func (d *draft) install(kind Kind, offer int, at time.Time, ctit time.Duration) told {
	p := d.clicked(d.person(offer, at, ctit))
	return d.tell(kind, p, installed(p), d.delivered(at))
}

// mainOffer is one that many people install.
func (d *draft) mainOffer() int {
	if d.rng.IntN(4) == 0 {
		return shopEurope
	}
	return d.steady()
}

// steady is an offer that nobody touches during the plan; each source has one.
func (d *draft) steady() int {
	offers := []int{gameAndroid, gameAndroid, gameIOS, gameIOS, runnerAndroid, cityIOS, quizAndroid, newsAndroid}
	return offers[d.rng.IntN(len(offers))]
}

func (d *draft) purchase(p person, goal int, at time.Time) event {
	e := event{at: at, name: "purchase", goal: goal, sale: d.amount(), clickAt: p.clickedAt}
	if d.rng.IntN(5) > 0 {
		e.order = "ord-" + d.hex(12)
	}
	return e
}

// regulars installed before the first day, so that there are buyers from the first hour; their installs were never told to us.
func (d *draft) regulars() {
	for range max(20, d.wanted/50) {
		at := d.between(d.plan.Opening.AddDate(0, 0, 10), d.plan.calendar.start(0).Add(-time.Hour))
		d.people = append(d.people, d.clicked(d.person(d.mainOffer(), at, d.usualCTIT())))
	}
}

// fill adds clean installs and purchases until the day has its requests.
func (d *draft) fill(day int) {
	sent := 0
	for _, s := range d.plan.Steps {
		if s.Request != nil && d.plan.calendar.date(s.At) == d.plan.Days[day] {
			sent++
		}
	}
	for n := 0; n < d.count(10) || sent < d.wanted; n++ {
		d.cleanInstall(day)
		d.cleanPurchase(day)
		sent += 2
		if n%3 == 0 {
			d.cleanInstall(day)
			sent++
		}
	}
}

func (d *draft) cleanInstall(day int) {
	// Told a little before its instant, so that the receipt stays on the day.
	at := d.plan.calendar.moment(d.rng, day).Add(-10 * time.Second)
	at = maxTime(at, d.plan.calendar.start(day))
	t := d.install(Install, d.mainOffer(), minTime(at, d.plan.calendar.start(day+1).Add(-10*time.Second)), d.usualCTIT())
	d.people = append(d.people, t.person)
}

// cleanPurchase lets someone buy; some buy for the same amount as before, which is a purchase of its own all the same.
func (d *draft) cleanPurchase(day int) {
	at := minTime(d.plan.calendar.moment(d.rng, day), d.plan.calendar.start(day+1).Add(-10*time.Second))
	buyer := d.people[d.rng.IntN(len(d.people))]
	for !buyer.installedAt.Before(at.Add(-time.Minute)) {
		buyer = d.people[d.rng.IntN(len(d.people))]
	}
	e := d.purchase(buyer, goalPurchase, at)
	d.tell(Purchase, buyer, e, d.delivered(at))
	if again := at.Add(time.Minute + d.within(time.Hour).Truncate(time.Second)); d.rng.IntN(6) == 0 &&
		d.plan.calendar.date(again.Add(10*time.Second)) == d.plan.Days[day] {
		e.at, e.order = again, "ord-"+d.hex(12)
		d.tell(Purchase, buyer, e, d.delivered(again))
	}
}

// observations come at the end of every hour of UTC and of every day, and once before the first day.
func (d *draft) observations() {
	const before = 500 * time.Millisecond // answers then bear the hour's last second as their Date
	days := d.plan.calendar
	at := map[time.Time]bool{days.start(0).UTC(): true}
	for i := range d.plan.Days {
		at[days.start(i+1).UTC()] = true
	}
	for hour := days.start(0).UTC().Truncate(time.Hour).Add(time.Hour); hour.Before(days.end()); hour = hour.Add(time.Hour) {
		at[hour] = true
	}
	for _, hour := range sortedTimes(at) {
		d.step(Step{At: hour.Add(-before), Kind: Observing, Case: -1, Observe: true})
	}
}

func (d *draft) name(base string) string { return base + " " + strconv.Itoa(d.rng.IntN(1000)) }
