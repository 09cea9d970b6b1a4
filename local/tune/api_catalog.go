package tune

import (
	"maps"
	"strconv"
	"time"
)

// offerDefaults are the fields of an offer, with the values of one that is created with a name only.
func (s *Server) offerDefaults() record {
	return record{
		"advertiser_id": "301", "name": "", "status": "pending", "is_expired": "0", "expiration_date": "2030-12-31",
		"offer_url": "", "redirect_offer_id": "", "protocol": "server", "currency": s.config.Currency,
		"payout_type": "cpa_flat", "revenue_type": "cpa_flat", "default_payout": "0.00000", "max_payout": "0.00000",
		"percent_payout": "0.00", "max_percent_payout": "0.00", "session_hours": "24", "allow_multiple_conversions": "0",
		"approve_conversions": "0", "has_goals_enabled": "0", "enable_offer_whitelist": "0", "security_token": "",
		"conversion_cap": "0", "monthly_conversion_cap": "0", "payout_cap": "0", "monthly_payout_cap": "0",
		"revenue_cap": "0", "monthly_revenue_cap": "0", "ref_id": "",
	}
}

func goalDefaults() record {
	return record{
		"offer_id": "", "name": "", "status": "active", "protocol": "server", "payout_type": "cpa_flat", "revenue_type": "cpa_flat",
		"default_payout": "0.00000", "max_payout": "0.00000", "percent_payout": "0.00", "max_percent_payout": "0.00",
		"allow_multiple_conversions": "0", "approve_conversions": "0", "ref_id": "",
	}
}

func (s *Server) offerCreate(call apiCall) (any, *apiError) {
	offer, failed := built(s.offerDefaults(), call.params.inner("data"), "offer")
	if failed != nil {
		return nil, failed
	}
	s.account.LastOffer++
	return s.keep(call, "Offer", s.account.Offers, offer, s.account.LastOffer), nil
}

func (s *Server) goalCreate(call apiCall) (any, *apiError) {
	goal, failed := built(goalDefaults(), call.params.inner("data"), "goal")
	if failed != nil {
		return nil, failed
	}
	if s.account.Offers[goal["offer_id"]] == nil {
		return nil, invalid("offer_id", "Offer does not exist.", "Could not create goal.")
	}
	s.account.LastGoal++
	return s.keep(call, "Goal", s.account.Goals, goal, s.account.LastGoal), nil
}

// built fills defaults with data and refuses what TUNE's validation would.
func built(defaults record, data params, model string) (record, *apiError) {
	public := "Could not create " + model + "."
	for field := range data {
		if _, known := defaults[field]; !known {
			return nil, invalid(field, "Field does not exist.", public)
		}
		if failed := checkField(field, data.text(field), public); failed != nil {
			return nil, failed
		}
		defaults[field] = data.text(field)
	}
	if defaults["name"] == "" {
		return nil, invalid("name", "Name cannot be blank.", public)
	}
	return defaults, nil
}

func invalid(attribute, message, public string) *apiError {
	return &apiError{Code: 1, Message: message, Attribute: attribute, Public: public}
}

func checkField(field, value, public string) *apiError {
	allowed := map[string][]string{
		"status":      {"active", "paused", "pending", "expired", "deleted"},
		"payout_type": {"cpa_flat", "cpa_percentage", "cpa_both"}, "revenue_type": {"cpa_flat", "cpa_percentage", "cpa_both"},
	}[field]
	if len(allowed) > 0 && !contains(allowed, value) {
		return invalid(field, "Value is not supported.", public)
	}
	switch field {
	case "default_payout", "max_payout", "percent_payout", "max_percent_payout", "conversion_cap", "payout_cap", "revenue_cap":
		if _, err := parseMoney(value); err != nil {
			return invalid(field, "Must be a number.", public)
		}
	}
	return nil
}

// keep stores a new object and answers its id, or the object where return_object asks for it.
func (s *Server) keep(call apiCall, model string, in map[string]record, row record, id int) any {
	row["id"] = strconv.Itoa(id)
	touch(row, call.at)
	in[row["id"]] = row
	if call.params.text("return_object") == "1" {
		return map[string]record{model: row.clone()}
	}
	return row["id"]
}

func touch(row record, at time.Time) { row["modified"] = strconv.FormatInt(at.Unix(), 10) }

func (s *Server) offerUpdateField(call apiCall) (any, *apiError) {
	return updateField(call, "Offer", s.account.Offers)
}

func (s *Server) goalUpdateField(call apiCall) (any, *apiError) {
	return updateField(call, "Goal", s.account.Goals)
}

func updateField(call apiCall, model string, in map[string]record) (any, *apiError) {
	const public = "Could not update field."
	field, value := call.params.text("field"), call.params.text("value")
	row := in[call.params.text("id")]
	if row == nil {
		return nil, invalid("id", model+" does not exist.", public)
	}
	if _, known := row[field]; !known || field == "id" || field == "modified" {
		return nil, invalid(field, "Field cannot be updated.", public)
	}
	if failed := checkField(field, value, public); failed != nil {
		return nil, failed
	}
	row[field] = value
	touch(row, call.at)
	if call.params.text("return_object") == "1" {
		return map[string]record{model: row.clone()}, nil
	}
	return true, nil
}

func (s *Server) offerFindAll(call apiCall) (any, *apiError) {
	return s.list(call, "Offer", s.account.Offers)
}

func (s *Server) goalFindAll(call apiCall) (any, *apiError) {
	return s.list(call, "Goal", s.account.Goals)
}

// list answers a findAll and journals it where it showed every object, which is what an observer can build on.
func (s *Server) list(call apiCall, model string, in map[string]record) (any, *apiError) {
	rows := make([]record, 0, len(in))
	for row := range maps.Values(in) {
		rows = append(rows, row.clone())
	}
	data, failed := s.findAll(call, model, rows)
	limit := call.params.number("limit")
	whole := limit <= 0 || max(1, call.params.number("page"))*limit >= len(in)
	if failed == nil && whole && len(call.params.inner("filters")) == 0 {
		s.account.Listings = append(s.account.Listings, Listing{Target: model, At: call.at.Truncate(time.Second)})
	}
	return data, failed
}

func (s *Server) offerFindByID(call apiCall) (any, *apiError) {
	return findByID(call, "Offer", s.account.Offers)
}

func (s *Server) goalFindByID(call apiCall) (any, *apiError) {
	return findByID(call, "Goal", s.account.Goals)
}

func findByID(call apiCall, model string, in map[string]record) (any, *apiError) {
	row := in[call.params.text("id")]
	if row == nil {
		return nil, nil
	}
	return map[string]record{model: trim([]record{row.clone()}, call.params)[0]}, nil
}

func (s *Server) whitelistCreate(call apiCall) (any, *apiError) {
	const public, most = "Could not create offer whitelist.", 100
	data := call.params.inner("data")
	offer := data.text("offer_id")
	parsed, err := parseEntry(data.text("content"))
	switch {
	case s.account.Offers[offer] == nil:
		return nil, invalid("offer_id", "Offer does not exist.", public)
	case err != nil:
		return nil, invalid("content", err.Error(), public)
	case len(s.account.Whitelist[offer]) >= most:
		return nil, invalid("content", "An offer has at most 100 entries.", public)
	}
	s.account.Whitelist[offer] = append(s.account.Whitelist[offer], parsed)
	return true, nil
}
