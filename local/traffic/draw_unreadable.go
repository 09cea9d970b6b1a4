package traffic

// unreadable plans what tells of a conversion but for one value, which nobody should guess at.
func (d *draft) unreadable(day int) {
	d.oddAmounts(day)
	d.oddTimes(day)
}

func (d *draft) oddAmounts(day int) {
	odd := []struct {
		offer      int
		sale       string // what was sold, for whoever reads with care
		key, value string
		flag       string
	}{
		{gameAndroid, "", "event_revenue", "1.234,56", "sale_amount:unreadable"},
		{gameIOS, "", "revenue_float", "1 234,56", "sale_amount:unreadable"},
		{runnerAndroid, "-4.99", "revenue", "-4.99", "sale_amount:negative"},
		{cityIOS, "4.99", "currency", "ZZZ", "sale_currency:unknown"},
		{quizAndroid, "1234.56", "amount", "1.23456e3", ""},
		{newsAndroid, "", "amount", "$4.99", "sale_amount:unreadable"},
	}
	for n := range d.count(6) {
		o := odd[n%len(odd)]
		at := d.onDay(day)
		p := d.clicked(d.person(o.offer, at.Add(-d.usualCTIT()), d.usualCTIT()))
		e := d.purchase(p, goalPurchase, at)
		e.sale = o.sale
		t := d.tellAs(OddAmount, p, e, d.delivered(at), d.postback(p, e).with(Param{Key: o.key, Value: o.value}))
		d.plan.Cases[t.id].Flags = o.flag
	}
}

func (d *draft) oddTimes(day int) {
	odd := []struct {
		offer      int
		key, value string
		flag       string
	}{
		{gameAndroid, "install_time", "1970-01-01 00:00:00", "installed_at:too_early"},
		{runnerAndroid, "event_timestamp", "1795096980", "event_at:unreadable"},
		{cityIOS, "event_time", "yesterday", "event_at:unreadable"},
		{quizAndroid, "utc", "-1", "event_at:too_early"},
		{newsAndroid, "installed_at", "0", "installed_at:too_early"},
	}
	for n := range d.count(5) {
		o := odd[n%len(odd)]
		p := d.clicked(d.person(o.offer, d.onDay(day), d.usualCTIT()))
		e := installed(p)
		r := d.postback(p, e).with(Param{Key: o.key, Value: o.value})
		e.at = d.plan.calendar.quiet(d.delivered(p.installedAt)) // the receipt stands for a time that is none
		t := d.tellAs(OddTime, p, e, e.at, r)
		d.plan.Cases[t.id].Flags = o.flag
	}
}
