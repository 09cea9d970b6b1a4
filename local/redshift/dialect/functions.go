package dialect

import (
	"slices"
	"strings"
)

// functionClass says what becomes of a call.
type functionClass uint8

const (
	unknownFunction  functionClass = iota
	sameFunction                   // PostgreSQL's function of that name does the same
	shimFunction                   // Bootstrap installs it
	leaderFunction                 // Redshift runs it on the leader node only, so never over users' tables
	postgresFunction               // PostgreSQL has it, Redshift has not
	missingFunction                // Redshift has it, the stand-in has not
)

// functions lists the calls that may appear in a statement. Names outside of it are refused: a function that both know
// but that differs must not slip through.
// Source: Amazon Redshift Database Developer Guide, "SQL functions reference" and "Leader node-only functions".
func functions() map[string]functionClass {
	classes := map[string]functionClass{}
	add := func(class functionClass, names string) {
		for _, name := range strings.Fields(names) {
			classes[name] = class
		}
	}
	add(sameFunction, `
		count sum min max stddev stddev_samp stddev_pop variance var_samp var_pop bool_and bool_or bit_and bit_or
		percentile_cont percentile_disc
		row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
		coalesce nullif greatest least
		abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees exp floor ln mod pi power pow radians random sign sin sqrt tan
		ascii bpcharcmp btrim char_length character_length chr concat initcap left lower lpad ltrim octet_length position quote_ident
		quote_literal regexp_substr regexp_count regexp_instr repeat replace reverse right rpad rtrim split_part strpos
		substr substring trim upper translate overlay
		date_part date_trunc extract to_char to_date to_number to_timestamp current_date
		md5 cast current_user session_user user current_schema current_schemas current_database version has_schema_privilege
		has_table_privilege has_database_privilege pg_backend_pid`)
	add(shimFunction, `
		getdate sysdate dateadd datediff date_add date_diff convert_timezone add_months last_day trunc round date_cmp
		nvl nvl2 decode listagg median ratio_to_report any_value avg convert
		array object json_parse json_serialize can_json_parse is_valid_json is_valid_json_array json_extract_path_text json_extract_array_element_text
		json_array_length json_typeof is_object is_array is_scalar is_varchar is_integer is_boolean get_array_length json_size
		len length textlen charindex strtol sha1 sha2 func_sha1 to_hex log regexp_replace
		pg_last_copy_count pg_last_copy_id`)
	add(leaderFunction, `
		generate_series now age current_setting set_config pg_sleep pg_cancel_backend pg_terminate_backend format_type
		pg_get_expr pg_get_viewdef pg_get_userbyid pg_table_is_visible obj_description col_description to_ascii
		array_to_string array_upper array_lower pg_is_in_recovery pg_encoding_to_char txid_current
		pg_get_late_binding_view_cols`)
	add(postgresFunction, `
		string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg xmlagg
		json_build_object json_build_array jsonb_build_object jsonb_build_array to_json to_jsonb row_to_json
		jsonb_extract_path jsonb_extract_path_text json_extract_path jsonb_array_elements json_array_elements
		jsonb_array_elements_text json_array_elements_text jsonb_each json_each jsonb_each_text jsonb_set jsonb_typeof
		jsonb_array_length jsonb_object_keys json_object_keys jsonb_path_query jsonb_pretty jsonb_strip_nulls
		jsonb_to_recordset jsonb_to_record json_to_recordset jsonb_populate_record
		unnest array_length array_append array_cat array_position array_remove cardinality string_to_array regexp_split_to_table
		regexp_split_to_array regexp_matches regexp_match format concat_ws starts_with
		gen_random_uuid uuid_generate_v4 uuidv7 make_date make_timestamp make_timestamptz make_interval make_time date_bin
		justify_days justify_hours clock_timestamp statement_timestamp transaction_timestamp to_tsvector to_tsquery
		num_nulls num_nonnulls sha224 sha256 sha384 sha512 encode digest width_bucket
		pg_advisory_lock pg_advisory_xact_lock pg_try_advisory_lock pg_try_advisory_xact_lock pg_advisory_unlock pg_notify
		nextval lastval currval setval mode every bit_xor range_agg gcd lcm div trim_array parse_ident normalize
		pg_typeof pg_read_file pg_size_pretty pg_total_relation_size pg_relation_size dblink query_to_xml`)
	add(missingFunction, leftOutFunctions())
	return classes
}

// Functions are the names that a statement may call, apart from the leader node's.
func (t *Translator) Functions() []string {
	var names []string
	for name, class := range t.functions {
		if class == sameFunction || class == shimFunction {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// plainWord is true for what is no function, though a bracket may follow them.
func plainWord(t Token) bool {
	return t.isAny("in", "values", "and", "or", "not", "exists", "any", "all", "some", "over", "as", "on", "using", "select", "from",
		"where", "when", "then", "else", "case", "by", "having", "union", "except", "intersect", "minus", "distinct", "with", "into",
		"varchar", "nvarchar", "varying", "char", "character", "bpchar", "nchar", "numeric", "decimal", "dec", "float", "timestamp", "timestamptz",
		"time", "timetz", "varbyte", "interval", "limit", "offset", "join", "group", "between", "like", "ilike", "is", "to", "filter",
		"insert", "update", "set", "explain", "end", "lateral", "recursive", "row", "top", "return", "only", "super", "unpivot", "pivot")
}

// checkFunctions refuses calls that Redshift does not know or that are not imitated.
func (t *Translator) checkFunctions(s *statement) error {
	if s.catalog {
		return nil
	}
	for i := s.queries(); i < len(s.tokens); i++ {
		tok := s.tokens[i]
		if tok.Kind != Word || !s.tokens.at(i+1).is("(") || plainWord(tok) || s.namesColumns(i) {
			continue
		}
		if s.tokens.at(i-1).is(".") && !s.tokens.at(i-2).is("pg_catalog") {
			continue // a function of the user's
		}
		if err := t.checkCall(s, tok.name()); err != nil {
			return err
		}
	}
	return nil
}

// namesColumns is true for a name whose bracket holds column names: INSERT INTO t (a), WITH q (a) AS, FROM … AS q (a).
func (s *statement) namesColumns(i int) bool {
	if close := s.tokens.closing(i + 1); s.tokens.at(close+1).is("as") && s.tokens.at(close+2).is("(") {
		return true
	}
	for _, r := range s.tables().relations {
		if (len(r.name) > 0 && i == r.end-1) || (r.aliasEnd > r.end && i == r.aliasEnd-1) {
			return true
		}
	}
	return false
}

func (t *Translator) checkCall(s *statement, name string) error {
	switch t.functions[name] {
	case sameFunction, shimFunction:
		return nil
	case leaderFunction:
		if s.leader {
			return nil
		}
		return leaderOnly(name)
	case postgresFunction:
		return &Error{Code: undefinedFunction, Message: "function " + name + "() does not exist", Hint: functionHint(name)}
	}
	if t.functions[name] == missingFunction || leftOutFunction(name) {
		return notImitated(strings.ToUpper(name), "See docs/stand-ins.md for what is.")
	}
	return &Error{Code: undefinedFunction, Message: "function " + name + "() does not exist",
		Hint: "The stand-in knows no function " + name + ": Redshift has none, or the stand-in does not imitate it."}
}

func functionHint(name string) string {
	switch {
	case name == "string_agg":
		return "Redshift has LISTAGG(value, ',') WITHIN GROUP (ORDER BY …)."
	case name == "array_agg":
		return "Redshift has no array aggregate; LISTAGG joins texts."
	case strings.HasPrefix(name, "json"):
		return "Redshift navigates SUPER: alias.column.attribute, json_parse, json_serialize."
	case name == "concat_ws":
		return "Redshift's CONCAT takes two arguments; use ||."
	case strings.HasPrefix(name, "sha"):
		return "Redshift has SHA2(text, bits)."
	case strings.Contains(name, "advisory"):
		return "Redshift has no advisory locks; LOCK a small table."
	}
	return "PostgreSQL has it, Redshift has not."
}
