package tune

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// record is one object of the API: field to value, all strings, as TUNE shows them.
type record map[string]string

func (r record) clone() record {
	c := make(record, len(r))
	for field, value := range r {
		c[field] = value
	}
	return c
}

func (r record) on(field string) bool { return r[field] == "1" }

// account is everything that a saved stand-in keeps.
type account struct {
	Offers      map[string]record  `json:"offers"`
	Goals       map[string]record  `json:"goals"`
	Whitelist   map[string][]entry `json:"whitelist"` // by offer
	Sessions    map[string]session `json:"sessions"`  // by transaction id
	Conversions []*conversion      `json:"conversions"`
	Calls       []Call             `json:"calls"`
	Listings    []Listing          `json:"listings"`
	LastOffer   int                `json:"last_offer"`
	LastGoal    int                `json:"last_goal"`
	APICalls    uint64             `json:"api_calls"`

	byTransaction map[string][]*conversion // derived from Conversions
}

func newAccount() account {
	return account{
		Offers: map[string]record{}, Goals: map[string]record{}, Whitelist: map[string][]entry{},
		Sessions: map[string]session{}, LastOffer: 1000, LastGoal: 30, byTransaction: map[string][]*conversion{},
	}
}

// session is what one click opened.
type session struct {
	OfferID     string    `json:"offer_id"`
	AffiliateID string    `json:"affiliate_id"`
	Source      string    `json:"source"`
	Subs        [5]string `json:"subs"`
	At          time.Time `json:"at"`
	Expires     time.Time `json:"expires"`
	IP          string    `json:"ip"`
	UserAgent   string    `json:"user_agent"`

	URL       string `json:"url"`
	Country   string `json:"country"`
	GoogleAID string `json:"google_aid"`
	IOSIFA    string `json:"ios_ifa"`
	AndroidID string `json:"android_id"`
}

// conversion is one row: what the API shows, and when it may show it.
type conversion struct {
	Fields    record    `json:"fields"`
	At        time.Time `json:"at"`
	VisibleAt time.Time `json:"visible_at"`
	UniqueID  string    `json:"unique_id,omitempty"`
}

const firstConversion = 500001

func (a *account) nextConversionID() string {
	return strconv.Itoa(firstConversion + len(a.Conversions))
}

func (a *account) add(row *conversion) {
	a.Conversions = append(a.Conversions, row)
	transaction := row.Fields["ad_id"]
	a.byTransaction[transaction] = append(a.byTransaction[transaction], row)
}

// draw returns the n-th deterministic number of a named purpose, so that state can be saved without a generator's.
func draw(seed uint64, purpose string, n uint64) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d", purpose, seed, n))
}

// share maps a draw to [0, 1).
func share(d [32]byte) float64 {
	return float64(binary.BigEndian.Uint64(d[:8])>>11) / (1 << 53)
}

func (s *Server) local(t time.Time) string { return t.In(s.config.Zone).Format(time.DateTime) }
