package billing

import (
	"fmt"
	"strings"
	"time"
)

// Refusal is a request that the facts do not allow. Nothing was changed.
type Refusal struct{ Reasons []string }

func (r *Refusal) Error() string { return strings.Join(r.Reasons, "; ") }

// Refuse makes a refusal with one reason; format and args are those of fmt.Sprintf.
func Refuse(format string, args ...any) error {
	return &Refusal{Reasons: []string{fmt.Sprintf(format, args...)}}
}

// Closing is a request to close a period.
type Closing struct {
	ID     string // a new UUID
	Period Period
	By     string // the person who answers for it
	Note   string
	Zone   *time.Location // the network's
	Force  bool           // close in spite of objections, which are kept in the note
	DryRun bool           // say what would be booked, and book nothing
}

// Closed is what a closing booked, or what an earlier closing of the same period did.
type Closed struct {
	ClosingID  string    `json:"closing_id"`
	Period     string    `json:"period"`
	Already    bool      `json:"already_closed"`
	By         string    `json:"closed_by"`
	Note       string    `json:"note"`
	At         time.Time `json:"closed_at"`
	Lines      int64     `json:"lines"`
	Items      int64     `json:"items"`
	Objections []string  `json:"objections"` // those that were overridden
	Sums       []Sum     `json:"sums"`
	Review     []Waiting `json:"review"` // what was not invoiced because a person has to look at it
}

// Sum is what the lines of a period come to, for one side and currency. Amounts are decimal strings.
type Sum struct {
	Period      string `json:"period" db:"period"`
	Status      string `json:"status" db:"status"` // open or closed
	PartyType   string `json:"party_type" db:"party_type"`
	Currency    string `json:"currency" db:"currency"`
	Parties     int64  `json:"parties" db:"parties"`
	Lines       int64  `json:"lines" db:"lines"`
	Conversions int64  `json:"conversions" db:"conversions"`
	Regular     string `json:"regular" db:"regular"`
	Adjustments string `json:"adjustments" db:"adjustments"`
	Amount      string `json:"amount" db:"amount"`
}

// Waiting counts the conversions of a period that wait for a person, by reason and currency.
type Waiting struct {
	Period      string `json:"period" db:"period"`
	Reason      string `json:"reason" db:"reason"`
	Currency    string `json:"currency" db:"currency"` // empty where there is no price
	Conversions int64  `json:"conversions" db:"conversions"`
	Revenue     string `json:"revenue" db:"revenue"`
	Payout      string `json:"payout" db:"payout"`
}
