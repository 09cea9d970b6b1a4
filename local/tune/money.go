package tune

import (
	"fmt"
	"strconv"
	"strings"
)

// money counts hundred-thousandths, the five decimals of TUNE's conversions.
type money int64

const unit money = 100_000

// parseMoney reads a decimal; digits beyond the fifth are cut. An empty text is zero.
func parseMoney(text string) (money, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = (fraction + "00000")[:5]
	units, err := strconv.ParseUint(whole+fraction, 10, 62)
	if err != nil {
		return 0, fmt.Errorf("%q is not a decimal number", text)
	}
	if negative {
		return -money(units), nil
	}
	return money(units), nil
}

func (m money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Sprintf("%s%d.%05d", sign, m/unit, m%unit)
}

// percent is rate hundredths of m, half units rounded up; a rate of 12.5 is written 12.50000.
func (m money) percent(rate money) money {
	return (m*rate + 50*unit) / (100 * unit)
}

// amount reads a field that the account itself has checked on its way in.
func (r record) amount(field string) money {
	m, err := parseMoney(r[field])
	if err != nil {
		return 0
	}
	return m
}

// price is what one conversion of this offer or goal pays the affiliate and costs the advertiser. TUNE's names are
// default_payout and percent_payout for the one, max_payout and max_percent_payout for the other.
func (r record) price(sale money) (payout, revenue money) {
	return priced(r["payout_type"], r.amount("default_payout"), r.amount("percent_payout"), sale),
		priced(r["revenue_type"], r.amount("max_payout"), r.amount("max_percent_payout"), sale)
}

func priced(kind string, flat, rate, sale money) money {
	switch kind {
	case "cpa_percentage":
		return sale.percent(rate)
	case "cpa_both":
		return flat + sale.percent(rate)
	default:
		return flat
	}
}
