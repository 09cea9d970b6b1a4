package traffic

import (
	"fmt"
	"strconv"
	"strings"

	"backstop/local/tune"
)

// micros are millionths of a currency's unit.
type micros int64

const whole micros = 1_000_000

// amount reads a decimal of the plan or of TUNE: at most six places. What is none is zero.
func amount(text string) micros {
	digits, negative := strings.CutPrefix(text, "-")
	units, fraction, _ := strings.Cut(digits, ".")
	n, err := strconv.ParseInt(units+(fraction + "000000")[:6], 10, 64)
	if err != nil {
		return 0
	}
	if negative {
		return -micros(n)
	}
	return micros(n)
}

func (m micros) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Sprintf("%s%d.%06d", sign, m/whole, m%whole)
}

func (m micros) percent(rate micros) micros { return m * rate / (100 * whole) }

// money takes payout and revenue from the row that decides, else from the offer's or goal's price.
func (w *witness) money(t ConversionTruth, c Case, row *tune.Conversion) Money {
	offer := w.plan.Offers[c.Offer]
	payout, revenue := offer.price(c.Goal, c.Sale)
	approved := false
	if row != nil {
		payout, revenue, approved = amount(row.Payout), amount(row.Revenue), row.Status == "approved"
	}
	m := Money{Payout: payout.String(), Revenue: revenue.String(), Currency: offer.Currency}
	if c.Sale != "" {
		m.SaleAmount = amount(c.Sale).String()
	}
	atRisk, payoutAtRisk := micros(0), micros(0)
	if !approved {
		atRisk = revenue
	}
	if t.Class == "post_approval_fraud" {
		payoutAtRisk = payout
	}
	m.RevenueAtRisk, m.PayoutAtRisk = atRisk.String(), payoutAtRisk.String()
	return m
}

func (o Offer) price(goal int, sale string) (payout, revenue micros) {
	if goal < 0 {
		return amount(o.Payout), amount(o.Revenue)
	}
	g := o.Goals[goal]
	if g.Percent {
		return amount(sale).percent(amount(g.Payout)), amount(sale).percent(amount(g.Revenue))
	}
	return amount(g.Payout), amount(g.Revenue)
}

func (w *witness) tuneRow(row tune.Conversion, class string) TuneTruth {
	m := Money{
		Payout: amount(row.Payout).String(), Revenue: amount(row.Revenue).String(), Currency: row.Currency,
		RevenueAtRisk: micros(0).String(), PayoutAtRisk: micros(0).String(),
	}
	if class == "bypass" && row.Status == "approved" {
		m.PayoutAtRisk = m.Payout
	}
	return TuneTruth{TuneConversionID: row.ID, ReportDate: w.plan.calendar.date(row.At), Class: class, Money: m}
}
