package dialect

import (
	"fmt"
	"strings"
)

// transactionRules are about transactions, maintenance, rights and settings.
func transactionRules() []Rule {
	return []Rule{
		{Name: "isolation levels", Outcome: Translated, Example: "begin isolation level serializable; select 1", Shows: "1",
			Note: "Every level means the database's own: snapshot.", apply: dropIsolation},
		{Name: "LOCK", Outcome: Translated, Example: "begin; lock places; select count(*) from places", Shows: "2", Note: "It keeps readers out, too, and only works inside BEGIN.", apply: lockMode},
		{Name: "TRUNCATE commits", Outcome: Translated, Example: "begin; truncate places; rollback; select count(*) from places", Shows: "0", apply: truncateOne},
		{Name: "ANALYZE", Outcome: Translated, Example: "analyze places predicate columns; select 1", Shows: "1", apply: analyze},
		{Name: "VACUUM", Outcome: Translated, Example: "vacuum delete only places to 75 percent; select 1", Shows: "1", Note: "Not inside a transaction.", apply: vacuum},
		{Name: "GRANT to roles", Outcome: Translated, Example: "create role readers; grant select on places to role readers; select has_table_privilege('readers', 'places', 'select')", Shows: "true", apply: grants},
		{Name: "Redshift's settings", Outcome: Translated, Example: "set query_group to 'load'; set enable_result_cache_for_session to off; show query_group", Shows: "load",
			Note: "Kept and shown, without effect.", apply: settings},
		{Name: "PostgreSQL's settings", Outcome: Refused, Example: "set work_mem to '1GB'", Shows: `unrecognized configuration parameter "work_mem"`},
		{Name: "case-sensitive names", Outcome: NotImitated, Example: "set enable_case_sensitive_identifier to true", Shows: "the stand-in does not imitate enable_case_sensitive_identifier",
			Note: "Keep names and keys in lower case."},
		{Name: "truncating strings at load", Outcome: NotImitated, Example: "set json_parse_truncate_strings to on", Shows: "the stand-in does not imitate json_parse_truncate_strings"},
	}
}

func dropIsolation(s *statement) error {
	if !s.tokens.at(0).isAny("begin", "start") {
		return nil
	}
	for i := 1; i < len(s.tokens); i++ {
		if !s.tokens.words(i, "isolation", "level") {
			continue
		}
		end := i + 3
		if s.tokens.at(i+2).isAny("read", "repeatable") {
			end++
		}
		s.remove(i, min(end, len(s.tokens)))
		if s.tokens.at(i).is(",") {
			s.remove(i, i+1)
		}
	}
	return nil
}

func lockMode(s *statement) error {
	if !s.starts("lock") {
		return nil
	}
	for _, t := range s.tokens {
		if t.isAny("in", "nowait") {
			return near(t, "LOCK has one mode: exclusive.")
		}
	}
	return nil
}

func truncateOne(s *statement) error {
	if !s.starts("truncate") {
		return nil
	}
	for _, t := range s.tokens {
		if t.isAny("cascade", "restart", ",") {
			return near(t, "TRUNCATE one table.")
		}
	}
	return nil
}

// analyze keeps ANALYZE and its table.
func analyze(s *statement) error {
	if !s.starts("analyze") {
		return nil
	}
	if s.tokens.at(1).is("compression") {
		return notImitated("ANALYZE COMPRESSION", "Encodings have no effect here.")
	}
	for i := 1; i < len(s.tokens); i++ {
		if s.tokens[i].isAny("predicate", "all") && s.tokens.at(i+1).is("columns") {
			s.remove(i, len(s.tokens))
		}
	}
	return nil
}

// vacuum keeps VACUUM and its table, and PostgreSQL's refusal inside a transaction.
func vacuum(s *statement) error {
	if !s.starts("vacuum") {
		return nil
	}
	var kept Tokens
	for i := 0; i < len(s.tokens); i++ {
		switch t := s.tokens[i]; {
		case i > 0 && t.isAny("full", "sort", "delete", "only", "reindex", "recluster", "boost"):
		case t.is("to"):
			i += 2
		default:
			kept = append(kept, t)
		}
	}
	s.tokens = kept
	return nil
}

// grants drops the word ROLE before a role's name, and PostgreSQL's roles do the rest.
func grants(s *statement) error {
	if !s.tokens.at(0).isAny("grant", "revoke") {
		return nil
	}
	for i := 1; i < len(s.tokens); i++ {
		if s.tokens[i].is("role") && s.tokens.at(i-1).isAny("grant", "revoke", "to", "from", ",") {
			s.remove(i, i+1)
		}
	}
	return nil
}

// settings sends Redshift's parameters to where PostgreSQL keeps strangers', and refuses all but the common ones.
// Source: Amazon Redshift Database Developer Guide, "Modifying the server configuration".
func settings(s *statement) error {
	if !s.tokens.at(0).isAny("set", "show", "reset") || s.tokens.words(0, "set", "transaction") {
		return nil
	}
	i := 1
	for s.tokens.at(i).isAny("session", "local") {
		i++
	}
	if s.tokens.words(i, "authorization") || s.tokens.words(i, "time", "zone") || s.tokens.words(i, "characteristics") {
		return nil
	}
	name := s.tokens.at(i)
	value := strings.Trim(strings.ToLower(s.tokens.at(len(s.tokens)-1).Text), "'")
	on := s.starts("set") && (value == "on" || value == "true")
	switch {
	case name.isAny("search_path", "timezone", "statement_timeout", "datestyle", "extra_float_digits", "application_name", "client_encoding", "server_version", "transaction_isolation"),
		s.tokens.words(0, "reset", "all"):
	case on && name.isAny("enable_case_sensitive_identifier", "enable_case_sensitive_super_attribute", "json_parse_truncate_strings", "json_parse_dedup_attributes", "downcase_delimited_identifier"):
		return notImitated(name.name(), "Keep the default.")
	case name.isAny("enable_case_sensitive_identifier", "enable_case_sensitive_super_attribute", "json_parse_truncate_strings", "json_parse_dedup_attributes",
		"downcase_delimited_identifier", "query_group", "enable_result_cache_for_session", "wlm_query_slot_count", "describe_field_name_in_uppercase",
		"analyze_threshold_percent", "auto_analyze", "max_concurrency_scaling_clusters", "mv_enable_aqmv_for_session", "spectrum_query_maxerror", "default_geometry_encoding",
		"stored_proc_log_min_messages", "navigate_super_null_on_error", "cast_super_null_on_error", "parse_super_null_on_error", "error_on_nondeterministic_update", "autocommit"):
		s.replace(i, i+1, "redshift."+name.name())
	case s.tokens.at(i+1).is(".") || !name.isName():
	case s.starts("show"):
		return notImitated("SHOW "+strings.ToUpper(name.Text), "Look into svv_tables, svv_columns.")
	default:
		return &Error{Code: undefinedObject, Message: fmt.Sprintf("unrecognized configuration parameter %q", name.name()), Hint: "Redshift has no such parameter."}
	}
	return nil
}
