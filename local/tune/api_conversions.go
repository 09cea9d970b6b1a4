package tune

import (
	"encoding/hex"
	"fmt"
	"time"
)

// newConversion is an empty row with its id and times. It is not yet part of the account.
func (s *Server) newConversion(at time.Time) *conversion {
	id := s.account.nextConversionID()
	d := draw(s.config.Seed, "conversion", uint64(len(s.account.Conversions)))
	lag := time.Duration(share(d) * float64(s.config.VisibilityLag))
	return &conversion{At: at, VisibleAt: at.Add(lag), Fields: record{
		"id": id, "tune_event_id": id, "ad_id": "", "internal_ad_id": uuidOf(d), "affiliate_id": "", "advertiser_id": "",
		"offer_id": "", "goal_id": "0", "affiliate_manager_id": "0", "advertiser_manager_id": "0", "creative_url_id": "0",
		"customer_id": "0", "source": "", "affiliate_info1": "", "affiliate_info2": "", "affiliate_info3": "",
		"affiliate_info4": "", "affiliate_info5": "", "advertiser_info": "", "datetime": s.local(at), "session_datetime": s.local(at),
		"payout": "0.00000", "revenue": "0.00000", "sale_amount": "0.00000", "refer": "", "pixel_refer": "", "ip": "",
		"session_ip": "", "status": "", "status_code": "", "user_agent": "", "country_code": "", "browser_id": "0",
		"is_adjustment": "0", "ad_campaign_id": "0", "ad_campaign_creative_id": "0", "offer_file_id": "0",
		"payout_type": "cpa_flat", "revenue_type": "cpa_flat", "currency": s.config.Currency,
	}}
}

func uuidOf(d [32]byte) string {
	h := hex.EncodeToString(d[16:])
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}

func (s *Server) conversionFindAll(call apiCall) (any, *apiError) {
	rows := make([]record, 0, len(s.account.Conversions))
	for _, row := range s.account.Conversions {
		if !row.VisibleAt.After(call.at) {
			rows = append(rows, row.Fields.clone())
		}
	}
	return s.findAll(call, "Conversion", rows)
}

// conversionFindByID finds by tune_event_id, the deprecated id, or the transaction.
func (s *Server) conversionFindByID(call apiCall) (any, *apiError) {
	transaction := call.params.text("transaction_id")
	for _, row := range s.account.Conversions {
		if row.VisibleAt.After(call.at) {
			continue
		}
		if row.Fields["id"] == eventID(call.params) || transaction != "" && row.Fields["ad_id"] == transaction {
			return map[string]record{"Conversion": trim([]record{row.Fields.clone()}, call.params)[0]}, nil
		}
	}
	return nil, nil
}

func eventID(p params) string {
	if id := p.text("tune_event_id"); id != "" {
		return id
	}
	return p.text("id")
}

func (s *Server) conversionUpdateStatus(call apiCall) (any, *apiError) {
	const public = "Could not update status."
	status := call.params.text("status")
	if !contains([]string{"approved", "pending", "rejected"}, status) {
		return nil, invalid("status", "Value is not supported.", public)
	}
	for _, row := range s.account.Conversions {
		if row.Fields["id"] == eventID(call.params) {
			row.Fields["status"] = status
			return true, nil
		}
	}
	return nil, invalid("tune_event_id", "Conversion does not exist.", public)
}

// conversionCreate books an adjustment by hand: the only conversions that the API creates here.
func (s *Server) conversionCreate(call apiCall) (any, *apiError) {
	const public = "Could not create conversion."
	data := call.params.inner("data")
	offer := s.account.Offers[data.text("offer_id")]
	if offer == nil {
		return nil, invalid("offer_id", "Offer does not exist.", public)
	}
	row := s.newConversion(call.at)
	for field := range data {
		if _, known := row.Fields[field]; !known || field == "id" || field == "tune_event_id" || field == "datetime" {
			return nil, invalid(field, "Field cannot be set.", public)
		}
		row.Fields[field] = data.text(field)
	}
	for _, field := range []string{"payout", "revenue", "sale_amount"} {
		m, err := parseMoney(row.Fields[field])
		if err != nil {
			return nil, invalid(field, "Must be a number.", public)
		}
		row.Fields[field] = m.String()
	}
	row.Fields["advertiser_id"], row.Fields["currency"] = offer["advertiser_id"], offer["currency"]
	row.Fields["is_adjustment"], row.Fields["status_code"] = "1", "52"
	if row.Fields["status"] == "" {
		row.Fields["status"] = "approved"
	}
	s.account.add(row)
	if call.params.text("return_object") == "1" {
		return map[string]record{"Conversion": row.Fields.clone()}, nil
	}
	return row.Fields["id"], nil
}

// tooWide reports a listing of conversions that TUNE does not finish in time: over too many days, or of too many rows.
func (s *Server) tooWide(p params) bool {
	if p.text("Target") != "Conversion" || p.text("Method") != "findAll" {
		return false
	}
	return s.config.WidestDays > 0 && s.overManyDays(p) || s.config.MostRows > 0 && s.ofManyRows(p)
}

func (s *Server) ofManyRows(p params) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := 0
	for _, row := range s.account.Conversions {
		if passes, failed := matches(row.Fields, p.inner("filters")); passes && failed == nil {
			rows++
		}
	}
	return rows > s.config.MostRows
}

// overManyDays: a window without both ends is wide.
func (s *Server) overManyDays(p params) bool {
	window := p.inner("filters").inner("datetime")
	var from, to time.Time
	for name, operand := range window {
		values := texts(operand)
		switch {
		case name == "values" && len(values) == 2:
			from, to = day(values[0]), day(values[1])
		case len(values) == 1 && (name == "GREATER_THAN" || name == "GREATER_THAN_OR_EQUAL_TO"):
			from = day(values[0])
		case len(values) == 1 && (name == "LESS_THAN" || name == "LESS_THAN_OR_EQUAL_TO"):
			to = day(values[0])
		}
	}
	return from.IsZero() || to.IsZero() || to.Sub(from) > time.Duration(s.config.WidestDays)*24*time.Hour
}

// day reads the date of a datetime; what is none is the zero time.
func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	if err != nil {
		return time.Time{}
	}
	return t
}
