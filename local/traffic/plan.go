package traffic

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"time"
)

// Config fixes a plan: the same values give the same plan, byte for byte.
type Config struct {
	Seed           uint64
	Days           []string       // civil dates in Location, in order and without a gap
	Location       *time.Location // the network's time zone
	RequestsPerDay int            // at least so many go to the front each day; below about 450 the rare kinds alone are more
}

// Plan is everything that will happen, in the order of its time. Ids that TUNE gives are not in it: they are bound while it is played.
type Plan struct {
	Seed     uint64
	Zone     string
	Days     []string
	Offers   []Offer
	Cases    []Case
	Steps    []Step
	Opening  time.Time // offers are created then
	calendar calendar
}

// NewPlan draws a plan. It is a pure function of its arguments.
func NewPlan(config Config) (*Plan, error) {
	days, err := newCalendar(config.Days, config.Location)
	if err != nil {
		return nil, err
	}
	if config.RequestsPerDay < 1 {
		return nil, fmt.Errorf("traffic needs at least one request a day, not %d", config.RequestsPerDay)
	}
	d := &draft{
		rng:    rand.New(rand.NewPCG(config.Seed, 0x6261636b73746f70)),
		wanted: config.RequestsPerDay,
		plan: &Plan{
			Seed: config.Seed, Zone: config.Location.String(), Days: config.Days, Offers: offers(),
			Opening: days.start(0).AddDate(0, 0, -30), calendar: days,
		},
	}
	d.draw()
	return d.plan, nil
}

// Offer is one campaign of the planned network, with its prices as TUNE is told them.
type Offer struct {
	Name, Source, AppID, Platform, Currency string
	Payout, Revenue                         string
	Approve                                 bool // TUNE holds its conversions as pending
	DailyCap                                int  // 0 is none
	Goals                                   []Goal
}

// Goal is a paid in-app event. Percent prices it by the sale, else Payout and Revenue are per conversion.
type Goal struct {
	Name, Payout, Revenue string
	Percent               bool
	Repeatable            bool // TUNE allows it several times a transaction
}

// Case is one conversion, or a lone request that must not become one. It says what is true of it, not what anyone will find out.
type Case struct {
	ID         int
	Kind       Kind
	Source     string
	Event      string // "" for an install
	Offer      int    // index in Plan.Offers
	Goal       int    // index in the offer's goals; -1 for the offer's own price
	Click      int    // the step of its click; NoClick if TUNE does not know it
	ClickedAt  time.Time
	OccurredAt time.Time
	CTIT       time.Duration // from click to install, of installs
	Sale       string        // decimal; "" is none
	Fraud      bool          // planted fraud, whoever notices
	Rules      []string      // the fraud rules that look for such
	Mistaken   bool          // clean, and yet a heuristic must take it for fraud
	Flags      string        // what of it cannot be read or not be believed, in the words of dbt's seed input_flags
	Again      int           // the case whose words it repeats without a name of its own; -1 if none
}

// NoClick stands where a case has no click that TUNE knows.
const NoClick = -1

// Step is one thing that happens. Exactly one of its pointers is set, except for Observe.
type Step struct {
	ID   int
	At   time.Time
	Kind Kind
	Case int // -1 if it belongs to none

	Click   *Click      `json:",omitempty"`
	Request *Request    `json:",omitempty"`
	Direct  *Direct     `json:",omitempty"`
	Change  *Change     `json:",omitempty"`
	Adjust  *Adjustment `json:",omitempty"`
	Settle  *Settlement `json:",omitempty"`
	Observe bool        `json:",omitempty"`
}

// Click is a visit of aff_c.
type Click struct {
	Offer     int
	Affiliate string
	IP        string
	DeviceID  string
	Platform  string

	SubSite, Country, UserAgent string
	Times                       int // how often it comes, at once; 0 is once
}

// Direct is a postback that an MMP still sends to TUNE itself.
type Direct struct {
	Click, Offer, Goal int
}

// Change is an update of an offer's field through TUNE's API.
type Change struct {
	Offer        int
	Field, Value string
}

// Adjustment is a conversion that a person books in TUNE by hand.
type Adjustment struct {
	Offer           int
	Affiliate       string
	Payout, Revenue string
}

// Settlement is a person who approves a pending conversion in TUNE.
type Settlement struct {
	Click int
}

// inOrder numbers the steps by time. Steps at one instant keep the order in which they were drawn.
func (p *Plan) inOrder() {
	sort.SliceStable(p.Steps, func(i, j int) bool { return p.Steps[i].At.Before(p.Steps[j].At) })
	place := make(map[int]int, len(p.Steps))
	for i := range p.Steps {
		place[p.Steps[i].ID] = i
		p.Steps[i].ID = i
	}
	moved := func(click *int) {
		if *click != NoClick {
			*click = place[*click]
		}
	}
	for i := range p.Cases {
		moved(&p.Cases[i].Click)
	}
	for i := range p.Steps {
		switch s := &p.Steps[i]; {
		case s.Request != nil:
			moved(&s.Request.Click)
		case s.Direct != nil:
			moved(&s.Direct.Click)
		case s.Settle != nil:
			moved(&s.Settle.Click)
		}
	}
}
