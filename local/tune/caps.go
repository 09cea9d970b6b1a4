package tune

import "time"

// offerCap is one limit of an offer: the field that holds it, the status code once it is reached, what it counts.
type offerCap struct {
	field, code string
	monthly     bool
	counts      string // a money field of the conversion, or "" for conversions
}

func offerCaps() []offerCap {
	return []offerCap{
		{"conversion_cap", "17", false, ""}, {"monthly_conversion_cap", "61", true, ""},
		{"payout_cap", "62", false, "payout"}, {"monthly_payout_cap", "63", true, "payout"},
		{"revenue_cap", "64", false, "revenue"}, {"monthly_revenue_cap", "65", true, "revenue"},
	}
}

// reachedCap returns the status code of the first cap that is used up, in days and months of the network's time zone.
func (s *Server) reachedCap(in *incoming) string {
	for _, c := range offerCaps() {
		limit := in.offer.amount(c.field)
		if limit > 0 && s.used(in.offer["id"], c, in.at) >= limit {
			return c.code
		}
	}
	return ""
}

// used sums the offer's approved and pending rows of the cap's period.
func (s *Server) used(offer string, c offerCap, at time.Time) money {
	period := len("2006-01-02")
	if c.monthly {
		period = len("2006-01")
	}
	var sum money
	for _, row := range s.account.Conversions {
		f := row.Fields
		if f["offer_id"] != offer || f["status"] == "rejected" || f["datetime"][:period] != s.local(at)[:period] {
			continue
		}
		if c.counts == "" {
			sum += unit
		} else {
			sum += f.amount(c.counts)
		}
	}
	return sum
}
