package demo

import (
	"encoding/json"
	"fmt"
	"os"
)

// Day is what one report date came to. Postbacks are counted by their local receipt date, conversions by their report date.
type Day struct {
	Date         string            `json:"date"`
	Sent         int               `json:"sent"`          // requests of the traffic
	Received     int               `json:"received"`      // answered 200
	Refused      int               `json:"refused"`       // answered 413
	Failed       int               `json:"failed"`        // anything else
	Archived     int               `json:"archived"`      // distinct postback ids in the archive
	Landed       int               `json:"landed"`        // distinct postback ids in the landing table
	Unverified   int               `json:"unverified"`    // landed, but not from a known token, or over the size cap
	Forwarded    int               `json:"forwarded"`     // distinct postbacks with an attempt that was not withheld
	Duplicates   int               `json:"duplicates"`    // sender retries and business repeats
	Conversions  int               `json:"conversions"`   // distinct conversions
	Rejected     int               `json:"rejected"`      // by the MMP
	Suspected    int               `json:"suspected"`     // hit by a fraud rule
	Paused       int               `json:"paused"`        // campaign paused at the conversion
	Billable     int               `json:"billable"`      //
	Review       int               `json:"review"`        //
	NotBillable  int               `json:"not_billable"`  //
	InFlight     int               `json:"in_flight"`     //
	TuneApproved int               `json:"tune_approved"` // approved rows of TUNE's newest complete fetch
	MoneyAtRisk  map[string]string `json:"money_at_risk"` // currency → amount, a decimal
	Classes      map[string]int    `json:"classes"`       // reconciliation class → rows
}

// Seconds is how long each phase took, on the wall clock.
type Seconds struct {
	Install float64 `json:"install"`
	Start   float64 `json:"start"`
	Traffic float64 `json:"traffic"`
	Airflow float64 `json:"airflow"`
	Total   float64 `json:"total"`
}

// Result is `.local/demo.json`.
type Result struct {
	Days            []Day       `json:"days"`
	Balanced        bool        `json:"balanced"`
	TruthMismatches int         `json:"truth_mismatches"`
	RerunChanged    int         `json:"rerun_changed"`
	Rules           []RuleScore `json:"rules"` // how well each heuristic fraud rule found what was planted
	Docs            string      `json:"docs"`  // page that describes every model and column
	Seconds         Seconds     `json:"seconds"`
}

// Passed reports whether the demo held: the ledger balances, the marts say what happened, and a re-run changed nothing.
func (r Result) Passed() bool { return r.Balanced && r.TruthMismatches == 0 && r.RerunChanged == 0 }

// Write puts the result as indented JSON into file.
func (r Result) Write(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the demo's result: %w", err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the demo's result: %w", err)
	}
	return nil
}
