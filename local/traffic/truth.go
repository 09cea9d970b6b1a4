package traffic

import (
	"sort"
	"strings"
	"time"

	"backstop/local/tune"
)

// Truth is what the marts must say about a played plan.
type Truth struct {
	Postbacks   []PostbackTruth
	Conversions []ConversionTruth
	TuneOnly    []TuneTruth
}

// PostbackTruth is one answered request.
type PostbackTruth struct {
	PostbackID  string
	Kind        Kind
	Source      string // as in the path
	ReceiptDate string // local
	Verdict     string // ok, unknown_source, bad_token or too_large
	CopyKind    string // of verified ones: first, sender_retry, business_repeat or verdict_update
	Twice       bool   // the queue was asked to deliver it twice
}

// ConversionTruth is one conversion, bound through its first postback.
type ConversionTruth struct {
	FirstPostbackID string
	Kind            Kind
	Source          string
	ReportDate      string
	MMPVerdict      string // accepted or rejected, as it stands at the end

	Rules         []string // the fraud rules that were planted in it
	Deterministic bool     // a rule that cannot err must flag it
	Suspect       bool     // a heuristic must flag it: planted fraud, or clean and too quick
	Clean         bool     // no heuristic may flag it

	InputFlags     string // what of its postbacks could not be read or not be believed
	PossibleRepeat bool   // it repeats another's words, and nothing names it

	PausedAtClick, PausedAtConversion string // yes, no or unknown

	BillingStatus, BillingReason string
	Class                        string
	Approximate                  bool // TUNE's row bears no id of ours
	Money
}

// TuneTruth is a row that only TUNE has.
type TuneTruth struct {
	TuneConversionID string
	ReportDate       string
	Class            string
	Money
}

// Money is what a row is worth: decimals with six places. SaleAmount is empty where nothing was sold.
type Money struct {
	Payout, Revenue, SaleAmount string
	RevenueAtRisk, PayoutAtRisk string
	Currency                    string
}

// witness holds what the truth is drawn from: the plan, what was played of it, and TUNE's own books.
type witness struct {
	plan    *Plan
	journal *Journal
	tune    tune.Journal
	now     time.Time

	entries map[int][]Entry              // verified and answered, by case, in order of time
	rows    map[string][]tune.Conversion // by the postback id that they carry
	calls   map[string][]tune.Call       // by postback id
	direct  map[string]int               // cases that an MMP told to TUNE itself, by transaction
}

// NewTruth draws the truth of what was played. Now is the end of the newest landed hour: what is in flight depends on it.
func NewTruth(plan *Plan, journal *Journal, books tune.Journal, now time.Time) Truth {
	w := &witness{
		plan: plan, journal: journal, tune: books, now: now,
		entries: map[int][]Entry{}, rows: map[string][]tune.Conversion{}, calls: map[string][]tune.Call{}, direct: map[string]int{},
	}
	for _, s := range plan.Steps {
		if s.Direct != nil && s.Case >= 0 {
			w.direct[journal.Clicks[s.Direct.Click]] = s.Case
		}
	}
	for _, row := range books.Conversions {
		w.rows[row.AdvertiserInfo] = append(w.rows[row.AdvertiserInfo], row)
	}
	for _, call := range books.Calls {
		w.calls[call.AdvSub] = append(w.calls[call.AdvSub], call)
	}
	var t Truth
	for _, entry := range journal.Requests {
		if entry.Failed() {
			continue
		}
		t.Postbacks = append(t.Postbacks, w.postback(entry))
		if entry.Received() && entry.Case >= 0 {
			w.entries[entry.Case] = append(w.entries[entry.Case], entry)
		}
	}
	for _, c := range plan.Cases {
		if len(w.entries[c.ID]) > 0 {
			t.Conversions = append(t.Conversions, w.conversion(c))
		}
	}
	t.TuneOnly = w.tuneOnly()
	return t
}

func (w *witness) postback(entry Entry) PostbackTruth {
	r := w.plan.Steps[entry.Step].Request
	p := PostbackTruth{
		PostbackID: entry.PostbackID, Kind: entry.Kind, Source: entry.Source, ReceiptDate: entry.Day, Verdict: "ok", Twice: r.Twice,
	}
	switch {
	case entry.Refused():
		p.Verdict = "too_large"
	case entry.Kind == UnknownSource:
		p.Verdict = "unknown_source"
	case !r.Trusted:
		p.Verdict = "bad_token"
	case len(w.entries[entry.Case]) == 0:
		p.CopyKind = string(First)
	default:
		p.CopyKind = string(r.Relation)
	}
	return p
}

func (w *witness) conversion(c Case) ConversionTruth {
	entries := w.entries[c.ID]
	t := ConversionTruth{
		FirstPostbackID: entries[0].PostbackID, Kind: c.Kind, Source: c.Source, ReportDate: entries[0].Day,
		MMPVerdict: w.verdict(entries), Rules: c.Rules,
		InputFlags: c.Flags, PossibleRepeat: c.Again >= 0 && len(w.entries[c.Again]) > 0,
		PausedAtClick: w.paused(c, c.ClickedAt), PausedAtConversion: w.paused(c, c.OccurredAt),
	}
	w.judge(&t, c, entries)
	row, called := w.settled(entries)
	if row == nil {
		row = w.unnamed(c.ID)
		t.Approximate = row != nil
	}
	t.Class = w.class(t, row, called, entries)
	t.BillingStatus, t.BillingReason = billing(t, c, row, called)
	t.Money = w.money(t, c, row)
	return t
}

// verdict is what the MMP said last.
func (w *witness) verdict(entries []Entry) string {
	if w.lastWord(entries).Rejects {
		return "rejected"
	}
	return "accepted"
}

// lastWord is the MMP's first request or its last update. A copy never counts.
func (w *witness) lastWord(entries []Entry) *Request {
	var last *Request
	for i, entry := range entries {
		if r := w.plan.Steps[entry.Step].Request; i == 0 || r.Relation == VerdictUpdate {
			last = r
		}
	}
	return last
}

// settled is the row of TUNE that decides a conversion, if there is one, and TUNE's last answer about it.
func (w *witness) settled(entries []Entry) (*tune.Conversion, *tune.Call) {
	var rows []tune.Conversion
	var last *tune.Call
	for _, entry := range entries {
		rows = append(rows, w.rows[entry.PostbackID]...)
		for i, call := range w.calls[entry.PostbackID] {
			if call.Reason != "" && (last == nil || !call.At.Before(last.At)) {
				last = &w.calls[entry.PostbackID][i]
			}
		}
	}
	if len(rows) == 0 {
		return nil, last
	}
	sort.Slice(rows, func(i, j int) bool { return better(rows[i], rows[j]) })
	return &rows[0], last
}

// unnamed is the row that the MMP itself left in TUNE for a case, if it did: the first, where an answer was lost and it told TUNE again.
func (w *witness) unnamed(caseID int) *tune.Conversion {
	for i, row := range w.rows[""] {
		if id, told := w.direct[row.Transaction]; told && id == caseID {
			return &w.rows[""][i]
		}
	}
	return nil
}

// better is the order in which rows decide: approved, pending, rejected; then the earlier; then the smaller id.
func better(a, b tune.Conversion) bool {
	rank := map[string]int{"approved": 0, "pending": 1, "rejected": 2}
	switch {
	case rank[a.Status] != rank[b.Status]:
		return rank[a.Status] < rank[b.Status]
	case !a.At.Equal(b.At):
		return a.At.Before(b.At)
	default:
		return a.ID < b.ID
	}
}

func (w *witness) class(t ConversionTruth, row *tune.Conversion, called *tune.Call, entries []Entry) string {
	status := ""
	if row != nil {
		status = row.Status
	}
	switch {
	case t.MMPVerdict == "rejected" && status != "approved":
		return "expected_fraud"
	case t.MMPVerdict == "rejected":
		return "post_approval_fraud"
	case status == "rejected":
		return "tune_rejected"
	case status == "pending":
		return "tune_pending"
	case status == "approved":
		return "matched"
	case called == nil && w.now.Sub(entries[len(entries)-1].At) < 25*time.Hour:
		return "in_flight"
	case called != nil && called.Reason == tune.InvalidTransaction:
		return "unknown_click"
	default:
		return "breakage_forward"
	}
}

// billing is the first of design §6 that fits, with a word for the reason.
func billing(t ConversionTruth, c Case, row *tune.Conversion, called *tune.Call) (status, reason string) {
	switch {
	case t.MMPVerdict == "rejected":
		return "not_billable", "mmp_rejected"
	case row == nil && called != nil && called.Reason == tune.InvalidTransaction:
		return "not_billable", "tune_invalid_transaction"
	case row != nil && strings.HasPrefix(row.StatusCode, "2"):
		return "not_billable", "tune_test"
	case t.Deterministic:
		return "not_billable", "deterministic_fraud"
	case t.Class == "tune_rejected" || t.Class == "tune_pending" || t.Class == "in_flight":
		return "review", t.Class
	case c.Click == NoClick:
		return "review", "click_unresolved"
	case strings.HasPrefix(c.Flags, "sale_"):
		return "review", "flagged_input"
	case t.Suspect:
		return "review", "heuristic_fraud"
	case t.PausedAtConversion == "yes":
		return "review", "paused"
	case t.PausedAtConversion == "unknown":
		return "review", "paused_unknown"
	case t.PossibleRepeat:
		return "review", "possible_repeat"
	default:
		return "billable", "billable"
	}
}

func (w *witness) tuneOnly() []TuneTruth {
	booked := map[string]bool{}
	for _, id := range w.journal.Booked {
		booked[id] = true
	}
	var only []TuneTruth
	for _, row := range w.rows[""] {
		if booked[row.ID] {
			only = append(only, w.tuneRow(row, "manual_adjustment"))
		} else if id, told := w.direct[row.Transaction]; !told || len(w.entries[id]) == 0 || row.ID != w.unnamed(id).ID {
			only = append(only, w.tuneRow(row, "bypass"))
		}
	}
	return only
}
