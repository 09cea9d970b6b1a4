package traffic

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Journal is what happened while a plan was played: the answers to its requests and the ids that TUNE gave.
type Journal struct {
	Requests []Entry
	Offers   []string       // TUNE's ids, as Plan.Offers
	Goals    [][]string     // TUNE's ids, as Plan.Offers[i].Goals
	Clicks   map[int]string // transaction ids by click step
	Changes  []Changed
	Booked   []string // TUNE's ids of the manual adjustments
}

// Entry is one request to the front.
type Entry struct {
	Step       int
	Case       int // -1 if it belongs to none
	Kind       Kind
	Source     string
	Day        string // local date
	At         time.Time
	Status     int // 0 if no answer came
	PostbackID string
}

// Changed is one update of an offer that TUNE took.
type Changed struct {
	Offer        int
	Field, Value string
	At           time.Time
}

// Received, Refused and Failed sort the answers: 200, 413, anything else.
func (e Entry) Received() bool { return e.Status == 200 }

// Refused reports an answer of 413.
func (e Entry) Refused() bool { return e.Status == 413 }

// Failed reports any answer but 200 and 413, and none at all.
func (e Entry) Failed() bool { return !e.Received() && !e.Refused() }

// Save writes the journal to a file.
func (j *Journal) Save(path string) error {
	text, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("encode the traffic's journal: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("save the traffic's journal: %w", err)
	}
	return nil
}

// LoadJournal reads a saved journal.
func LoadJournal(path string) (*Journal, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load the traffic's journal: %w", err)
	}
	var j Journal
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("load the traffic's journal from %s: %w", path, err)
	}
	return &j, nil
}
