package traffic_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"backstop/ingest"
	"backstop/local/traffic"
)

const (
	thursday = "2026-11-19"
	friday   = "2026-11-20"
)

// Two days are played once; each subtest looks at what came of them from another side.
func TestTruthOfTwoDays(t *testing.T) {
	w := newWorld(t, newPlan(t, 11, 500, thursday, friday))
	w.play(thursday, friday)
	truth := w.truth(time.Date(2026, 11, 21, 5, 0, 0, 0, time.UTC))
	for name, look := range map[string]func(*testing.T, *world, traffic.Truth){
		"each answered request once":       eachAnsweredRequestOnce,
		"each first postback a conversion": eachFirstPostbackAConversion,
		"every row of TUNE accounted for":  everyTuneRowAccountedFor,
		"planted kinds have their outcome": plantedKindsHaveTheirOutcome,
		"copies change no verdict":         copiesChangeNoVerdict,
		"paused unknown between proofs":    pausedUnknownBetweenProofs,
		"money at risk":                    moneyAtRisk,
		"shared sales priced exactly":      sharedSalesPricedExactly,
		"saved journal gives the same":     savedJournalGivesTheSame,
	} {
		t.Run(name, func(t *testing.T) { look(t, w, truth) })
	}
}

func eachAnsweredRequestOnce(t *testing.T, w *world, truth traffic.Truth) {
	seen := map[string]int{}
	for _, p := range truth.Postbacks {
		seen[p.PostbackID]++
		if p.Verdict == "ok" == (p.CopyKind == "") {
			t.Errorf("%s postback with verdict %s has the copy kind %q", p.Kind, p.Verdict, p.CopyKind)
		}
		if (p.Verdict == "too_large") != (w.answered[p.PostbackID] == ingest.TooLarge) {
			t.Errorf("%s postback has the verdict %s after answer %s", p.Kind, p.Verdict, w.answered[p.PostbackID])
		}
	}
	for id := range w.answered {
		if seen[id] != 1 {
			t.Errorf("postback %s is %d times in the truth", id, seen[id])
		}
	}
	if len(seen) != len(w.answered) {
		t.Errorf("%d postbacks in the truth, %d answered", len(seen), len(w.answered))
	}
}

func eachFirstPostbackAConversion(t *testing.T, _ *world, truth traffic.Truth) {
	first := map[string]bool{}
	for _, p := range truth.Postbacks {
		if p.CopyKind == "first" {
			first[p.PostbackID] = true
		}
	}
	for _, c := range truth.Conversions {
		if !first[c.FirstPostbackID] {
			t.Errorf("%s conversion: its first postback is none, or has two conversions", c.Kind)
		}
		delete(first, c.FirstPostbackID)
	}
	if len(first) != 0 {
		t.Errorf("%d first postbacks have no conversion", len(first))
	}
}

// Every row of TUNE bears one of our ids, or is a conversion's all the same, or is in the truth as TUNE's alone.
func everyTuneRowAccountedFor(t *testing.T, w *world, truth traffic.Truth) {
	ours := map[string]bool{}
	for _, p := range truth.Postbacks {
		ours[p.PostbackID] = true
	}
	only := map[string]bool{}
	for _, row := range truth.TuneOnly {
		only[row.TuneConversionID] = true
	}
	approximate := 0
	for _, c := range truth.Conversions {
		if c.Approximate {
			approximate++
			if c.Kind != traffic.ToldToBoth {
				t.Errorf("a %s is matched approximately", c.Kind)
			}
		}
	}
	for _, row := range w.tune.Journal().Conversions {
		if row.AdvertiserInfo == "" && !only[row.ID] {
			approximate--
			continue
		}
		if ours[row.AdvertiserInfo] == only[row.ID] {
			t.Errorf("row %s with advertiser_info %q: ours %v, TUNE's only %v", row.ID, row.AdvertiserInfo, ours[row.AdvertiserInfo], only[row.ID])
		}
	}
	if approximate != 0 {
		t.Errorf("rows without our id and conversions matched approximately differ by %d", approximate)
	}
}

// What was planted comes out: for each kind of a conversion's first request, all that its conversions may be.
func plantedKindsHaveTheirOutcome(t *testing.T, _ *world, truth traffic.Truth) {
	type outcome struct{ class, billing string }
	allowed := map[traffic.Kind][]outcome{
		traffic.QuickInstall: {{"matched", "heuristic_fraud"}},
		traffic.Injected:     {{"matched", "heuristic_fraud"}},
		traffic.OutOfWindow:  {{"matched", "deterministic_fraud"}},
		traffic.Rejected:     {{"expected_fraud", "mmp_rejected"}},
		traffic.SlowInjected: {{"matched", "billable"}},
		traffic.LookAlike:    {{"matched", "heuristic_fraud"}},
		traffic.SiteRejected: {{"expected_fraud", "mmp_rejected"}},
		traffic.SiteSuspect:  {{"matched", "heuristic_fraud"}},
		traffic.Flood:        {{"matched", "heuristic_fraud"}},
		traffic.Burst:        {{"matched", "heuristic_fraud"}},
		traffic.Spam:         {{"matched", "heuristic_fraud"}},
		traffic.Farm:         {{"matched", "heuristic_fraud"}},
		traffic.Abroad:       {{"matched", "heuristic_fraud"}},
		traffic.Spoofed:      {{"matched", "heuristic_fraud"}},
		traffic.Engaged:      {{"matched", "heuristic_fraud"}},
		traffic.Roaming:      {{"matched", "heuristic_fraud"}},
		traffic.Reinstall:    {{"matched", "heuristic_fraud"}},
		traffic.OutOfOrder:   {{"matched", "heuristic_fraud"}},
		traffic.Swapped:      {{"breakage_forward", "heuristic_fraud"}},

		traffic.StoreInjected: {{"matched", "deterministic_fraud"}},
		traffic.PausedOffer:   {{"breakage_forward", "paused"}, {"breakage_forward", "paused_unknown"}},
		traffic.PausedClick:   {{"breakage_forward", "paused"}, {"breakage_forward", "paused_unknown"}},
		traffic.PausedUnseen:  {{"matched", "paused_unknown"}},
		traffic.ToldToBoth:    {{"matched", "billable"}},
		traffic.UnknownClick:  {{"unknown_click", "tune_invalid_transaction"}},
		traffic.WithoutClick:  {{"unknown_click", "tune_invalid_transaction"}},
		traffic.Pending:       {{"tune_pending", "tune_pending"}, {"matched", "billable"}},
		traffic.Capped:        {{"tune_rejected", "tune_rejected"}, {"matched", "billable"}},
		traffic.TuneRepeat:    {{"tune_rejected", "tune_rejected"}},
		traffic.Late:          {{"matched", "billable"}},
		traffic.Midnight:      {{"matched", "billable"}},
		traffic.QueueTwice:    {{"matched", "billable"}},
		traffic.BadEscape:     {{"matched", "billable"}},
		traffic.Macro:         {{"matched", "billable"}},
		traffic.DoubleKey:     {{"matched", "billable"}},
		traffic.NotUTF8:       {{"matched", "billable"}},
		traffic.PlusAndBlank:  {{"matched", "billable"}},
		traffic.LongQuery:     {{"matched", "billable"}},
		traffic.OddAmount:     {{"matched", "flagged_input"}, {"matched", "billable"}},
		traffic.OddTime:       {{"matched", "billable"}},
		traffic.Nameless:      {{"matched", "billable"}},

		traffic.NamelessAgain: {{"matched", "possible_repeat"}},

		traffic.Install:  {{"matched", "billable"}, {"matched", "paused_unknown"}, {"post_approval_fraud", "mmp_rejected"}},
		traffic.Purchase: {{"matched", "billable"}, {"matched", "paused_unknown"}},
	}
	seen := map[traffic.Kind]map[outcome]int{}
	for _, c := range truth.Conversions {
		got := outcome{c.Class, c.BillingReason}
		if seen[c.Kind] == nil {
			seen[c.Kind] = map[outcome]int{}
		}
		seen[c.Kind][got]++
	}
	for kind, outcomes := range seen {
		for got := range outcomes {
			if !contains(allowed[kind], got) {
				t.Errorf("%s came out as %+v %d times", kind, got, outcomes[got])
			}
		}
	}
	for kind, outcomes := range allowed {
		for _, want := range outcomes {
			if want.billing != "paused_unknown" && seen[kind][want] == 0 {
				t.Errorf("%s never came out as %+v", kind, want)
			}
		}
	}
}

func contains[T comparable](all []T, one T) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}

func copiesChangeNoVerdict(t *testing.T, _ *world, truth traffic.Truth) {
	kinds := map[string]int{}
	rejectedLater := 0
	for _, p := range truth.Postbacks {
		kinds[p.CopyKind]++
		if p.Kind == traffic.RejectedLater {
			rejectedLater++
			if p.CopyKind != "verdict_update" {
				t.Errorf("a late rejection is a %s", p.CopyKind)
			}
		}
	}
	lifted := 0
	for _, c := range truth.Conversions {
		if c.Class == "post_approval_fraud" {
			lifted++
		}
	}
	if lifted != rejectedLater || rejectedLater < 10 {
		t.Errorf("%d conversions rejected after approval, want one for each of %d late rejections", lifted, rejectedLater)
	}
	if kinds["sender_retry"] < 10 || kinds["business_repeat"] < 10 {
		t.Errorf("copy kinds %v", kinds)
	}
}

func pausedUnknownBetweenProofs(t *testing.T, _ *world, truth traffic.Truth) {
	states := map[traffic.Kind]map[string]int{}
	for _, c := range truth.Conversions {
		if states[c.Kind] == nil {
			states[c.Kind] = map[string]int{}
		}
		states[c.Kind]["click "+c.PausedAtClick]++
		states[c.Kind]["conversion "+c.PausedAtConversion]++
	}
	for kind, state := range map[traffic.Kind]string{
		traffic.PausedOffer: "conversion yes", traffic.PausedClick: "click yes", traffic.PausedUnseen: "conversion unknown", traffic.Late: "conversion no",
	} {
		if states[kind][state] == 0 {
			t.Errorf("%s: %v, want some with %s", kind, states[kind], state)
		}
	}
	if n := states[traffic.PausedUnseen]["conversion no"] + states[traffic.PausedUnseen]["conversion yes"]; n != 0 {
		t.Errorf("%d conversions shortly before a pause have a proven status", n)
	}
	if n := states[traffic.PausedOffer]["click yes"]; n != 0 {
		t.Errorf("%d clicks before the pause count as paused", n)
	}
}

func moneyAtRisk(t *testing.T, _ *world, truth traffic.Truth) {
	for _, c := range truth.Conversions {
		switch c.Class {
		case "matched":
			if c.RevenueAtRisk != "0.000000" || c.PayoutAtRisk != "0.000000" {
				t.Errorf("matched %s: %+v", c.Kind, c.Money)
			}
		case "post_approval_fraud":
			if c.RevenueAtRisk != "0.000000" || c.PayoutAtRisk != c.Payout {
				t.Errorf("post_approval_fraud: %+v", c.Money)
			}
		case "breakage_forward", "tune_rejected", "tune_pending", "unknown_click":
			if c.RevenueAtRisk != c.Revenue || c.Revenue == "0.000000" {
				t.Errorf("%s %s: %+v", c.Class, c.Kind, c.Money)
			}
		}
	}
	for _, row := range truth.TuneOnly {
		if row.Class == "bypass" && row.PayoutAtRisk != row.Payout {
			t.Errorf("bypass: %+v", row.Money)
		}
	}
}

func sharedSalesPricedExactly(t *testing.T, w *world, truth traffic.Truth) {
	euros := 0
	rows := map[string]bool{}
	for _, row := range w.tune.Journal().Conversions {
		rows[row.AdvertiserInfo+" "+row.Revenue+"0"] = true
	}
	for _, c := range truth.Conversions {
		if c.Currency == "EUR" && c.SaleAmount != "" {
			euros++
			if !rows[c.FirstPostbackID+" "+c.Revenue] {
				t.Errorf("a sale of %s: revenue %s is not TUNE's", c.SaleAmount, c.Revenue)
			}
		}
	}
	if euros == 0 {
		t.Error("no sale in euros")
	}
}

// A first postback that the front did not store leaves the next one first.
func TestFailedRequestsAreJournaledAndLeaveNoTruth(t *testing.T) {
	plan := newPlan(t, 12, 1, thursday)
	w := newWorld(t, plan)
	w.failNext = 20
	w.play(thursday)
	failed, sent := 0, 0
	for _, entry := range w.player.Journal().Requests {
		sent++
		if entry.Failed() {
			failed++
		}
	}
	truth := w.truth(time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC))
	if failed != 20 || len(truth.Postbacks) != sent-20 {
		t.Errorf("%d failed, %d of %d requests in the truth", failed, len(truth.Postbacks), sent)
	}
	conversions := 0
	for _, p := range truth.Postbacks {
		if p.CopyKind == "first" {
			conversions++
		}
	}
	if conversions != len(truth.Conversions) {
		t.Errorf("%d first postbacks, %d conversions", conversions, len(truth.Conversions))
	}
}

func TestWithoutAnswerItIsInFlightForADay(t *testing.T) {
	plan := newPlan(t, 13, 1, thursday)
	w := newWorld(t, plan)
	w.play(thursday)
	books := w.tune.Journal()
	books.Calls, books.Conversions = nil, nil
	classes := func(now time.Time) map[string]int {
		count := map[string]int{}
		for _, c := range traffic.NewTruth(plan, w.player.Journal(), books, now).Conversions {
			count[c.Class]++
		}
		return count
	}
	midnight := time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC)
	if got := classes(midnight); got["in_flight"] == 0 || got["breakage_forward"] != 0 {
		t.Errorf("at midnight: %v", got)
	}
	if got := classes(midnight.Add(25 * time.Hour)); got["in_flight"] != 0 || got["breakage_forward"] == 0 {
		t.Errorf("a day later: %v", got)
	}
}

func savedJournalGivesTheSame(t *testing.T, w *world, truth traffic.Truth) {
	file := filepath.Join(t.TempDir(), "traffic.json")
	if err := w.player.Journal().Save(file); err != nil {
		t.Fatal(err)
	}
	loaded, err := traffic.LoadJournal(file)
	if err != nil {
		t.Fatal(err)
	}
	again := traffic.NewTruth(newPlan(t, 11, 500, thursday, friday), loaded, w.tune.Journal(), time.Date(2026, 11, 21, 5, 0, 0, 0, time.UTC))
	if !reflect.DeepEqual(again, truth) {
		t.Error("the truth of a loaded journal and a plan drawn again differs")
	}
	if _, err := traffic.LoadJournal(filepath.Join(t.TempDir(), "absent.json")); err == nil {
		t.Error("loading an absent file succeeded")
	}
}

func TestPlayingEndsWithItsContext(t *testing.T) {
	w := newWorld(t, newPlan(t, 14, 1, thursday))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.player.Prepare(ctx); err == nil {
		t.Error("an ended context did not end the play")
	}
	if err := w.player.PlayDay(t.Context(), "2026-12-24"); err == nil {
		t.Error("a day that is not planned was played")
	}
}

// What fails names neither the network's token nor an address with its query.
func TestUnreachableTuneIsAPlainError(t *testing.T) {
	w := newWorld(t, newPlan(t, 15, 1, thursday))
	player := traffic.NewPlayer(w.plan, traffic.Endpoints{Tune: "http://127.0.0.1:1", TuneNetworkToken: networkToken}, traffic.Hooks{}, w.clock)
	err := player.Prepare(t.Context())
	if err == nil || strings.Contains(err.Error(), networkToken) || strings.Contains(err.Error(), "Apiv3") {
		t.Errorf("error %v, want one without token and address", err)
	}
}

func TestAFailingHookEndsThePlay(t *testing.T) {
	w := newWorld(t, newPlan(t, 16, 1, thursday))
	broken := errors.New("broken")
	hooks := traffic.Hooks{Drain: func(context.Context) error { return broken }}
	player := traffic.NewPlayer(w.plan, traffic.Endpoints{Tune: w.tuneAt, TuneNetworkToken: networkToken}, hooks, w.clock)
	if err := player.Prepare(t.Context()); !errors.Is(err, broken) {
		t.Errorf("error %v, want the hook's", err)
	}
}
