package demo

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"backstop/local/traffic"
)

// Mismatch is one value in which the marts differ from what happened.
type Mismatch struct {
	ID     string // postback_id, or TUNE's id for a row that only TUNE has
	Kind   string // what the traffic planted
	Column string
	Want   string // what happened
	Got    string // what the marts say; "no row" where there is none
}

const noRow = "no row"

// Compare holds the marts against the truth and lists every difference, in a fixed order.
func Compare(truth traffic.Truth, marts Marts) []Mismatch {
	c := comparison{}
	for _, want := range truth.Postbacks {
		c.postback(want, marts)
	}
	for _, want := range truth.Conversions {
		c.conversion(want, marts.Conversions[want.FirstPostbackID])
	}
	for _, want := range truth.TuneOnly {
		c.tuneOnly(want, marts.TuneOnly[want.TuneConversionID])
	}
	c.surplus(truth, marts)
	slices.SortFunc(c.found, func(a, b Mismatch) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Column, b.Column)) })
	return c.found
}

type comparison struct{ found []Mismatch }

// row compares the columns of one row; got is nil where the marts have none.
func (c *comparison) row(id, kind string, want, got Values) {
	for _, column := range slices.Sorted(maps.Keys(want)) {
		switch value, has := got[column]; {
		case got == nil:
			c.found = append(c.found, Mismatch{id, kind, column, want[column], noRow})
		case !has || value != want[column]:
			c.found = append(c.found, Mismatch{id, kind, column, want[column], value})
		}
	}
}

func (c *comparison) postback(want traffic.PostbackTruth, marts Marts) {
	expected := Values{"receipt_date": want.ReceiptDate, "source": want.Source, "copy_kind": want.CopyKind}
	got := marts.Postbacks[want.PostbackID]
	if want.Verdict != "ok" {
		expected = Values{"receipt_date": want.ReceiptDate, "verdict": want.Verdict}
		got = marts.Unverified[want.PostbackID]
	}
	c.row(want.PostbackID, string(want.Kind), expected, got)
}

func (c *comparison) conversion(want traffic.ConversionTruth, got Values) {
	expected := Values{
		"report_date": want.ReportDate, "mmp_verdict": want.MMPVerdict, "has_deterministic_flag": strconv.FormatBool(want.Deterministic),
		"possible_repeat": strconv.FormatBool(want.PossibleRepeat), "paused_at_click": want.PausedAtClick,
		"paused_at_conversion": want.PausedAtConversion, "billing_status": want.BillingStatus, "billing_reason": want.BillingReason,
		"class": want.Class, "input_flags": want.InputFlags,
	}
	// A heuristic may hit what the plan does not name; it must hit what was planted and spare what is clean.
	if want.Suspect || want.Clean {
		expected["has_heuristic_flag"] = strconv.FormatBool(want.Suspect)
	}
	addMoney(expected, want.Money)
	expected["sale_amount"] = want.SaleAmount
	c.row(want.FirstPostbackID, string(want.Kind), expected, got)
}

func (c *comparison) tuneOnly(want traffic.TuneTruth, got Values) {
	expected := Values{"report_date": want.ReportDate, "class": want.Class}
	addMoney(expected, want.Money)
	c.row(want.TuneConversionID, "only in TUNE", expected, got)
}

func addMoney(into Values, m traffic.Money) {
	into["payout"], into["revenue"], into["currency"] = m.Payout, m.Revenue, m.Currency
	into["revenue_at_risk"], into["payout_at_risk"] = m.RevenueAtRisk, m.PayoutAtRisk
}

// surplus finds rows of the marts that nothing in the traffic explains. Requests that failed may have been stored all the same:
// their ids are not known to the sender, so they are counted by the ledger, not here.
func (c *comparison) surplus(truth traffic.Truth, marts Marts) {
	known := map[string]bool{}
	for _, p := range truth.Postbacks {
		known[p.PostbackID] = true
	}
	conversions, tuneOnly := map[string]bool{}, map[string]bool{}
	for _, conversion := range truth.Conversions {
		conversions[conversion.FirstPostbackID] = true
	}
	for _, row := range truth.TuneOnly {
		tuneOnly[row.TuneConversionID] = true
	}
	for id := range marts.Conversions {
		if known[id] && !conversions[id] {
			c.found = append(c.found, Mismatch{id, "", "conversion", noRow, "a row"})
		}
	}
	for id := range marts.TuneOnly {
		if !tuneOnly[id] {
			c.found = append(c.found, Mismatch{id, "", "row only in TUNE", noRow, "a row"})
		}
	}
}
