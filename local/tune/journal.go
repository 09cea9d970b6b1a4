package tune

import "time"

// Call is one postback call as TUNE saw it.
type Call struct {
	At           time.Time `json:"at"`
	Endpoint     string    `json:"endpoint"` // aff_lsr or aff_goal
	Transaction  string    `json:"transaction"`
	AdvSub       string    `json:"adv_sub"`
	Goal         string    `json:"goal"` // goal_id as sent
	Answer       string    `json:"answer"`
	Reason       Reason    `json:"reason"`                  // empty if a fault came before the checks
	ConversionID string    `json:"conversion_id,omitempty"` // the row that the call left, if any
	Fault        FaultKind `json:"fault,omitempty"`
}

// Listing is one answered, unfiltered listing of a model through the API: what an outsider could know, and when.
type Listing struct {
	Target string    `json:"target"` // Offer or Goal
	At     time.Time `json:"at"`     // the Date header that the answer bore, so whole seconds
}

// Conversion is one row of the account, in Go's types where they matter.
type Conversion struct {
	ID, Transaction, OfferID, GoalID, AdvertiserInfo string

	At         time.Time // to the second, as the API shows it
	Status     string    // approved, pending or rejected
	StatusCode string
	Adjustment bool
	Currency   string

	Payout, Revenue, SaleAmount string // five decimals
}

// Journal is everything that happened to the account, in order.
type Journal struct {
	Calls       []Call
	Listings    []Listing
	Conversions []Conversion
}

// Journal returns a copy of what has happened so far.
func (s *Server) Journal() Journal {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := Journal{
		Calls:    append([]Call(nil), s.account.Calls...),
		Listings: append([]Listing(nil), s.account.Listings...),
	}
	for _, row := range s.account.Conversions {
		j.Conversions = append(j.Conversions, row.public())
	}
	return j
}

func (c *conversion) public() Conversion {
	f := c.Fields
	return Conversion{
		ID: f["id"], Transaction: f["ad_id"], OfferID: f["offer_id"], GoalID: f["goal_id"], AdvertiserInfo: f["advertiser_info"],
		At: c.At.Truncate(time.Second), Status: f["status"], StatusCode: f["status_code"], Adjustment: f.on("is_adjustment"),
		Payout: f["payout"], Revenue: f["revenue"], SaleAmount: f["sale_amount"], Currency: f["currency"],
	}
}
