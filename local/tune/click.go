package tune

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// click answers /aff_c: a redirect to the offer with a new transaction id, or a blank page where there is nowhere to go.
func (s *Server) click(w http.ResponseWriter, r *http.Request) {
	target := s.openSession(r)
	if target == "" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusFound)
}

func (s *Server) openSession(r *http.Request) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	offer := s.clickableOffer(q.Get("offer_id"))
	if offer == nil {
		return ""
	}
	now := s.config.Clock.Now()
	id := s.newTransaction()
	s.account.Sessions[id] = session{
		OfferID: offer["id"], AffiliateID: q.Get("aff_id"), Source: q.Get("source"),
		Subs: [5]string{q.Get("aff_sub"), q.Get("aff_sub2"), q.Get("aff_sub3"), q.Get("aff_sub4"), q.Get("aff_sub5")},
		At:   now, Expires: now.Add(sessionLength(offer)), IP: sourceIP(r), UserAgent: r.UserAgent(),
		URL: "http://" + r.Host + r.URL.RequestURI(), Country: r.Header.Get("X-Backstop-Country"),
		GoogleAID: q.Get("google_aid"), IOSIFA: q.Get("ios_ifa"), AndroidID: q.Get("android_id"),
	}
	return fillMacros(offer["offer_url"], id, offer["id"], q)
}

// clickableOffer is the offer itself, or its redirect offer while it is not active, or nil.
func (s *Server) clickableOffer(id string) record {
	offer := s.account.Offers[id]
	if offer != nil && offer["status"] != "active" {
		offer = s.account.Offers[offer["redirect_offer_id"]]
	}
	if offer == nil || offer["status"] != "active" {
		return nil
	}
	return offer
}

func sessionLength(offer record) time.Duration {
	hours, err := strconv.Atoi(offer["session_hours"])
	if err != nil {
		hours = 24
	}
	return time.Duration(hours) * time.Hour
}

// newTransaction gives 30 lower-case hex digits that begin with 102, as TUNE's have since 2016.
func (s *Server) newTransaction() string {
	d := draw(s.config.Seed, "transaction", uint64(len(s.account.Sessions)))
	return "102" + hex.EncodeToString(d[:])[:27]
}

func fillMacros(offerURL, transaction, offer string, q url.Values) string {
	return strings.NewReplacer(
		"{transaction_id}", transaction, "{offer_id}", offer, "{affiliate_id}", url.QueryEscape(q.Get("aff_id")),
		"{source}", url.QueryEscape(q.Get("source")), "{aff_sub}", url.QueryEscape(q.Get("aff_sub")),
		"{google_aid}", url.QueryEscape(q.Get("google_aid")), "{ios_ifa}", url.QueryEscape(q.Get("ios_ifa")),
	).Replace(offerURL)
}
