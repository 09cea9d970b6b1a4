package tune

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

// apiCall is one call of the API v3.
type apiCall struct {
	params params
	at     time.Time
	serial uint64 // of the account's API calls
	host   string // that was called
}

// apiError is an answer with status -1. All of them travel with HTTP 200.
type apiError struct {
	Code      int    `json:"err_code,omitempty"`
	Message   string `json:"err_msg,omitempty"`
	Attribute string `json:"attribute_name,omitempty"`
	Public    string `json:"publicMessage"`
}

type method func(*Server, apiCall) (data any, failed *apiError)

func methods() map[string]method {
	return map[string]method{
		"Offer::create": (*Server).offerCreate, "Offer::updateField": (*Server).offerUpdateField,
		"Offer::findAll": (*Server).offerFindAll, "Offer::findById": (*Server).offerFindByID,
		"Goal::create": (*Server).goalCreate, "Goal::updateField": (*Server).goalUpdateField,
		"Goal::findAll": (*Server).goalFindAll, "Goal::findById": (*Server).goalFindByID,
		"Conversion::findAll": (*Server).conversionFindAll, "Conversion::findById": (*Server).conversionFindByID,
		"Conversion::updateStatus": (*Server).conversionUpdateStatus, "Conversion::create": (*Server).conversionCreate,
		"OfferWhitelist::create": (*Server).whitelistCreate,
		"RawLog::listDateDirs":   (*Server).rawLogListDateDirs, "RawLog::listLogs": (*Server).rawLogListLogs,
		"RawLog::getDownloadLink": (*Server).rawLogGetDownloadLink,
	}
}

// api answers /Apiv3/json by GET, or by POST with a form.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		htmlError(w, http.StatusBadRequest, "Bad Request")
		return
	}
	p := parseParams(r.Form)
	if refusal := s.credentials(p); refusal != "" {
		s.send(w, map[string]any{"response": map[string]any{
			"errors": map[string]string{"publicMessage": refusal}, "link": "http://developers.hasoffers.com/",
		}})
		return
	}
	if usage, over := s.limit.take(); over {
		s.send(w, envelope(p, "", &apiError{Public: s.limit.refusal(usage)}))
		return
	}
	if s.tooWide(p) {
		htmlError(w, http.StatusGatewayTimeout, "504 Gateway Time-out")
		return
	}
	data, failed := s.call(p, r.Host)
	s.send(w, envelope(p, data, failed))
}

func (s *Server) credentials(p params) string {
	switch {
	case p.text("NetworkId") != "" && p.text("NetworkId") != s.config.NetworkID:
		return "Network id is not valid"
	case p.text("NetworkToken") != s.config.NetworkToken:
		return "Network token is not valid"
	default:
		return ""
	}
}

func (s *Server) call(p params, host string) (any, *apiError) {
	name := p.text("Target") + "::" + p.text("Method")
	run, known := methods()[name]
	if !known {
		return "", &apiError{Public: "Method " + name + " does not exist."}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.APICalls++
	data, failed := run(s, apiCall{params: p, at: s.config.Clock.Now(), serial: s.account.APICalls, host: host})
	if failed != nil {
		return "", failed
	}
	return data, nil
}

// envelope is the form of every answer to a call with valid credentials. It echoes the request, the token included, as TUNE does.
func envelope(p params, data any, failed *apiError) map[string]any {
	request := map[string]any{"Format": "json", "Service": "HasOffers", "Version": "2"}
	for name, value := range p {
		request[name] = value
	}
	response := map[string]any{"status": 1, "httpStatus": 200, "data": data, "errors": []any{}, "errorMessage": nil}
	if failed != nil {
		response["status"], response["errors"], response["errorMessage"] = -1, []*apiError{failed}, failed.Public
	}
	return map[string]any{"request": request, "response": response}
}

func (s *Server) send(w http.ResponseWriter, answer any) {
	text, err := json.Marshal(answer)
	if err != nil {
		htmlError(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	s.mu.Lock()
	id := draw(s.config.Seed, "request", s.account.APICalls)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", hex.EncodeToString(id[:16]))
	// A client that has gone away is no news to a server.
	_, _ = w.Write(text)
}
