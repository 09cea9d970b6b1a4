package billing

import "strings"

// Line is one line of an invoice. Amounts are decimal strings, rounded to Decimals.
type Line struct {
	LineID       string  `json:"line_id" db:"line_id"`
	Status       string  `json:"status" db:"status"` // open: a draft; closed
	Period       string  `json:"period" db:"period"`
	OriginPeriod string  `json:"origin_period" db:"origin_period"`
	Kind         string  `json:"kind" db:"kind"`
	PartyType    string  `json:"party_type" db:"party_type"`
	PartyID      string  `json:"party_id" db:"party_id"`
	OfferID      string  `json:"offer_id" db:"offer_id"`
	GoalID       string  `json:"goal_id" db:"goal_id"`
	PayoutType   string  `json:"payout_type" db:"payout_type"`
	Currency     string  `json:"currency" db:"currency"`
	Conversions  int64   `json:"conversions" db:"conversions"`
	Rate         *string `json:"rate" db:"rate"` // nil where the conversions differ in price
	Amount       string  `json:"amount" db:"amount"`
	Reason       string  `json:"reason" db:"reason"`
	Decimals     int     `json:"decimals" db:"minor_unit"` // of the currency
}

// Item is what one conversion adds to a line. Its amount is exact; the line alone is rounded.
type Item struct {
	LineID       string `json:"line_id" db:"line_id"`
	ReportDate   string `json:"report_date" db:"report_date"`
	ClickID      string `json:"click_id" db:"click_id"`
	ConversionID string `json:"conversion_id" db:"conversion_id"`
	EventName    string `json:"event_name" db:"event_name"`
	OfferID      string `json:"offer_id" db:"offer_id"`
	GoalID       string `json:"goal_id" db:"goal_id"`
	Currency     string `json:"currency" db:"currency"`
	Conversions  int    `json:"conversions" db:"conversions"`
	Amount       string `json:"amount" db:"amount"`
	Reason       string `json:"reason" db:"reason"`
}

// Party is who an invoice is about.
type Party struct {
	Type string `json:"party_type" db:"party_type"` // advertiser or affiliate
	ID   string `json:"party_id" db:"party_id"`
}

func (p Party) String() string { return p.Type + ":" + p.ID }

// Money writes a decimal with as many decimals as the currency has, and with more only where they are not zero.
func Money(decimal string, decimals int) string {
	whole, fraction, _ := strings.Cut(decimal, ".")
	fraction = strings.TrimRight(fraction, "0")
	if missing := decimals - len(fraction); missing > 0 {
		fraction += strings.Repeat("0", missing)
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}
