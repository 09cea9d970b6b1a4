package tune

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// incoming is one postback on its way through the checks.
type incoming struct {
	query       url.Values
	ip          string
	userAgent   string
	at          time.Time
	transaction string
	session     session
	offer       record
	goal        record // nil for the offer's own conversion
}

func (in *incoming) goalID() string {
	if in.goal == nil {
		return "0"
	}
	return in.goal["id"]
}

// postback answers /aff_lsr and /aff_goal?a=lsr: HTTP 200 and a text that says what became of it.
func (s *Server) postback(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", http.MethodGet)
		htmlError(w, http.StatusMethodNotAllowed, "Method Not Allowed")
		return
	}
	fault := s.nextFault()
	if fault.Kind == Unavailable || fault.Kind == ResetBefore {
		s.noteFault(r, fault) // before the caller learns of it
	}
	if fault.before(w, r) {
		return
	}
	answer := s.judge(r, fault)
	if fault.after(w) {
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// A client that has gone away is no news to a server.
	_, _ = w.Write([]byte(answer))
}

// judge runs the checks in TUNE's order, records the row if there is one, and journals the call.
func (s *Server) judge(r *http.Request, fault Fault) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.arrive(r)
	v := verdict{}
	for _, check := range checks() {
		if v = check(s, in); v.reason != "" {
			break
		}
	}
	call := in.call(r, v, fault)
	if v.status != "" {
		call.ConversionID = s.recordConversion(in, v)
	}
	s.account.Calls = append(s.account.Calls, call)
	return v.answer
}

func (s *Server) arrive(r *http.Request) *incoming {
	q := r.URL.Query()
	in := &incoming{
		query: q, ip: sourceIP(r), userAgent: r.UserAgent(), at: s.config.Clock.Now(),
		transaction: q.Get("transaction_id"),
	}
	in.session = s.account.Sessions[in.transaction]
	in.offer = s.account.Offers[in.session.OfferID]
	return in
}

func (in *incoming) call(r *http.Request, v verdict, fault Fault) Call {
	return Call{
		At: in.at, Endpoint: strings.Trim(r.URL.Path, "/"), Transaction: in.transaction, AdvSub: in.query.Get("adv_sub"),
		Goal: in.query.Get("goal_id"), Answer: v.answer, Reason: v.reason, Fault: fault.Kind,
	}
}

// recordConversion adds the row and returns its id.
func (s *Server) recordConversion(in *incoming, v verdict) string {
	priceOf := in.offer
	if in.goal != nil {
		priceOf = in.goal
	}
	sale := record{"amount": in.query.Get("amount")}.amount("amount")
	payout, revenue := priceOf.price(sale)
	row := s.newConversion(in.at)
	fields := row.Fields
	fields["ad_id"] = in.transaction
	fields["affiliate_id"], fields["source"] = in.session.AffiliateID, in.session.Source
	fields["offer_id"], fields["advertiser_id"], fields["goal_id"] = in.offer["id"], in.offer["advertiser_id"], in.goalID()
	for i, field := range []string{"affiliate_info1", "affiliate_info2", "affiliate_info3", "affiliate_info4", "affiliate_info5"} {
		fields[field] = in.session.Subs[i]
	}
	fields["advertiser_info"] = cut(in.query.Get("adv_sub"), 500)
	fields["session_datetime"] = s.local(in.session.At)
	fields["payout"], fields["revenue"] = override(in.query, "payout", payout), override(in.query, "revenue", revenue)
	fields["sale_amount"] = sale.String()
	fields["ip"], fields["session_ip"], fields["user_agent"] = in.ip, in.session.IP, in.userAgent
	fields["status"], fields["status_code"] = v.status, v.code
	fields["payout_type"], fields["revenue_type"] = priceOf["payout_type"], priceOf["revenue_type"]
	fields["currency"] = in.offer["currency"]
	row.UniqueID = in.query.Get("conversion_unique_id")
	s.account.add(row)
	return fields["id"]
}

// override is the amount that the postback itself names, if it is a number, else the price.
func override(q url.Values, field string, price money) string {
	if q.Get(field) == "" {
		return price.String()
	}
	m, err := parseMoney(q.Get(field))
	if err != nil {
		return price.String()
	}
	return m.String()
}

// cut keeps the first n characters.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}
