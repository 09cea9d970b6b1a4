package tune

import "fmt"

// Reason says which check decided a postback.
type Reason string

// Reasons in the order of the checks; the first that fits decides.
const (
	InvalidTransaction Reason = "invalid_transaction"
	SessionExpired     Reason = "session_expired"
	OfferMismatch      Reason = "offer_mismatch"
	InvalidGoal        Reason = "invalid_goal"
	Paused             Reason = "paused"
	Test               Reason = "test"
	Duplicate          Reason = "duplicate"
	DuplicateUniqueID  Reason = "duplicate_unique_id"
	BadToken           Reason = "bad_security_token"
	NotWhitelisted     Reason = "ip_not_whitelisted"
	Capped             Reason = "capped"
	SentRejected       Reason = "sent_rejected"
	NeedsApproval      Reason = "needs_approval"
	Approved           Reason = "approved"
)

const succeeded = "success=true;"

// verdict is what one check decided. An empty reason leaves it to the next check; an empty status records no row.
type verdict struct {
	reason       Reason
	answer       string
	status, code string
}

func refuse(reason Reason, message string, args ...any) verdict {
	return verdict{reason: reason, answer: "success=false; err_msg=" + fmt.Sprintf(message, args...) + ";"}
}

func (v verdict) row(status, code string) verdict {
	v.status, v.code = status, code
	return v
}

func recorded(reason Reason, status, code string) verdict {
	return verdict{reason: reason, answer: succeeded, status: status, code: code}
}

type check func(*Server, *incoming) verdict

// checks are TUNE's, in its order. The last one always decides.
func checks() []check {
	return []check{
		(*Server).checkTransaction, (*Server).checkSession, (*Server).checkOffer, (*Server).checkGoal, (*Server).checkPaused,
		(*Server).checkTest, (*Server).checkUniqueID, (*Server).checkRepeat, (*Server).checkToken, (*Server).checkWhitelist,
		(*Server).checkCaps, (*Server).settle,
	}
}

func (s *Server) checkTransaction(in *incoming) verdict {
	if in.offer == nil {
		return refuse(InvalidTransaction, "Invalid Trans. ID #%s.", in.transaction)
	}
	return verdict{}
}

func (s *Server) checkSession(in *incoming) verdict {
	if in.at.After(in.session.Expires) {
		return refuse(SessionExpired, "Session expired for Trans. ID #%s.", in.transaction)
	}
	return verdict{}
}

func (s *Server) checkOffer(in *incoming) verdict {
	if sent := in.query.Get("offer_id"); sent != "" && sent != in.offer["id"] {
		return refuse(OfferMismatch, "Invalid Offer ID #%s.", sent)
	}
	return verdict{}
}

// checkGoal finds the goal by goal_id, or by goal_ref where goal_id is absent.
func (s *Server) checkGoal(in *incoming) verdict {
	id, ref := in.query.Get("goal_id"), in.query.Get("goal_ref")
	if id == "" && ref == "" {
		return verdict{}
	}
	for _, goal := range s.account.Goals {
		named := goal["id"] == id || id == "" && goal["ref_id"] == ref
		if named && goal["offer_id"] == in.offer["id"] {
			in.goal = goal
			return verdict{}
		}
	}
	return refuse(InvalidGoal, "Invalid Goal ID #%s.", id+ref)
}

func (s *Server) checkPaused(in *incoming) verdict {
	running := in.offer["status"] == "active" && (in.goal == nil || in.goal["status"] == "active")
	switch {
	case running || s.config.PausedPolicy == RecordPaused:
		return verdict{}
	case s.config.PausedPolicy == IgnoreAloud:
		return refuse(Paused, "Offer #%s is not active.", in.offer["id"])
	default:
		return verdict{reason: Paused, answer: succeeded}
	}
}

func (s *Server) checkTest(in *incoming) verdict {
	if in.query.Get("test") == "1" {
		return recorded(Test, "rejected", "23")
	}
	return verdict{}
}

// checkUniqueID is the only repeat check where the network limits conversions by unique id.
func (s *Server) checkUniqueID(in *incoming) verdict {
	unique := in.query.Get("conversion_unique_id")
	if !s.config.UniqueIDs || unique == "" {
		return verdict{}
	}
	for _, row := range s.account.Conversions {
		if row.UniqueID == unique {
			return refuse(DuplicateUniqueID, "Duplicate conversion.").row("rejected", "18")
		}
	}
	return verdict{}
}

func (s *Server) checkRepeat(in *incoming) verdict {
	rule := in.offer
	if in.goal != nil {
		rule = in.goal
	}
	if s.config.UniqueIDs || rule.on("allow_multiple_conversions") {
		return verdict{}
	}
	for _, row := range s.account.byTransaction[in.transaction] {
		if row.Fields["goal_id"] == in.goalID() {
			return refuse(Duplicate, "Duplicate conversion.").row("rejected", "12")
		}
	}
	return verdict{}
}

func (s *Server) checkToken(in *incoming) verdict {
	if want := in.offer["security_token"]; want != "" && in.query.Get("security_token") != want {
		return recorded(BadToken, "rejected", "19")
	}
	return verdict{}
}

func (s *Server) checkWhitelist(in *incoming) verdict {
	if !in.offer.on("enable_offer_whitelist") {
		return verdict{}
	}
	for _, allowed := range s.account.Whitelist[in.offer["id"]] {
		if allowed.contains(in.ip) {
			return verdict{}
		}
	}
	return recorded(NotWhitelisted, "rejected", "14")
}

func (s *Server) checkCaps(in *incoming) verdict {
	if code := s.reachedCap(in); code != "" {
		return recorded(Capped, "rejected", code)
	}
	return verdict{}
}

// settle decides what passed every check.
func (s *Server) settle(in *incoming) verdict {
	approval := in.offer
	if in.goal != nil {
		approval = in.goal
	}
	switch {
	case in.query.Get("status") == "rejected":
		return recorded(SentRejected, "rejected", "43")
	case approval.on("approve_conversions") || in.query.Get("status") == "pending":
		return recorded(NeedsApproval, "pending", "31")
	default:
		return recorded(Approved, "approved", "43")
	}
}
