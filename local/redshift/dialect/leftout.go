package dialect

import "strings"

// leftOut are names that Redshift knows and the stand-in does not.
func (t *Translator) leftOut() []Rule {
	return []Rule{
		{Name: "functions that are left out", Outcome: NotImitated, Example: "select months_between('2026-11-20'::date, '2026-10-20'::date)",
			Shows: "the stand-in does not imitate MONTHS_BETWEEN", Note: "Hash, sketch, spatial, array and VARBYTE functions, and some of dates and texts."},
		{Name: "types that are left out", Outcome: NotImitated, Example: "create table notes (body varbyte(10))", Shows: "the stand-in does not imitate the type VARBYTE",
			Note: "VARBYTE, GEOMETRY, GEOGRAPHY, HLLSKETCH.", apply: leftOutTypes},
		{Name: "brackets with a name", Outcome: NotImitated, Example: "select p.extra['size'] from places p", Shows: "the stand-in does not imitate navigation by ['name']",
			Note: "Write a dot: p.extra.size.", apply: leftOutBrackets},
		{Name: "null_if_invalid", Outcome: NotImitated, Example: "select json_extract_path_text('{', 'a', true)", Shows: "the stand-in does not imitate null_if_invalid",
			Note: "Ask can_json_parse first.", apply: leftOutLenience},
		{Name: "SUPER that is not lax", Outcome: NotImitated, Example: "set navigate_super_null_on_error to off", Shows: "the stand-in does not imitate navigate_super_null_on_error"},
		{Name: "operators on SUPER", Outcome: NotImitated, Example: "select p.extra.geo.lat + 1 from places p", Shows: "the stand-in does not imitate this on SUPER: operator does not exist: super + integer",
			Note: "Cast the value: p.extra.geo.lat::float."},
		{Name: "system views that are left out", Outcome: NotImitated, Example: "select count(*) from stl_query", Shows: "the stand-in does not imitate STL_QUERY"},
		missWords("IGNORE NULLS", "ignore nulls", "select lag(id) ignore nulls over (order by id) from places", "Filter in a subquery."),
		missWords("the outer join (+)", "( + )", "select p.id from places p, places q where p.id = q.id(+)", "Use LEFT JOIN."),
		missStart("create library", "create library f language plpythonu from 's3://bucket/f.zip'", "Use a dbt macro."),
	}
}

// leftOutFunctions are those of Redshift's functions that functions does not list.
// Source: Amazon Redshift Database Developer Guide, "SQL functions reference".
func leftOutFunctions() string {
	return `
		approximate_percentile_disc grouping grouping_id
		array_concat array_contains array_distinct array_except array_flatten array_intersection array_position array_positions array_sort array_union
		arrays_overlap split_to_array subarray
		months_between next_day date_part_year date_cmp_timestamp date_cmp_timestamptz interval_cmp isfinite timeofday timestamp_cmp timestamp_cmp_date
		timestamp_cmp_timestamptz timestamptz_cmp timestamptz_cmp_date timestamptz_cmp_timestamp timezone
		checksum farmfingerprint64 farmhash64 fnv_hash md5_digest murmur3_32_hash sha
		hll hll_cardinality hll_combine hll_combine_sketches hll_create_sketch
		dexp dlog1 dlog10 bttext_pattern_cmp collate crc32 difference octetindex replicate soundex
		decimal_precision decimal_scale is_bigint is_char is_decimal is_float is_smallint json_serialize_to_varbyte lower_attribute_names
		upper_attribute_names object_transform get_number_attributes
		text_to_int_alt text_to_numeric_alt try_cast from_hex from_varbyte getbit to_varbyte
		current_aws_account current_namespace current_user_id change_query_priority change_session_priority change_user_priority
		pg_last_query_id pg_last_unload_count pg_last_unload_id slice_num has_assumerole_privilege default_iam_role explain_model`
}

func leftOutFunction(name string) bool {
	return strings.HasPrefix(name, "st_") || strings.HasPrefix(name, "h3_")
}

func leftOutTypes(s *statement) error {
	for i, t := range s.tokens {
		if !s.catalog && t.isAny("varbyte", "varbinary", "geometry", "geography", "hllsketch") && s.typeAt(i) {
			return notImitated("the type "+strings.ToUpper(t.Text), "Keep such values as VARCHAR.")
		}
	}
	return nil
}

func leftOutBrackets(s *statement) error {
	for i := s.queries(); i < len(s.tokens); i++ {
		if !s.catalog && s.tokens[i].is("[") && s.tokens.at(i+1).Kind == Literal {
			return notImitated("navigation by ['name']", "Write a dot: alias.column.name.")
		}
	}
	return nil
}

func leftOutLenience(s *statement) error {
	return s.eachCall(func(_ string, _ int, args [][2]int, _ int) error {
		if n := len(args) - 1; n > 0 && s.tokens[args[n][0]].isAny("true", "false") {
			return notImitated("null_if_invalid", "Ask can_json_parse first.")
		}
		return nil
	}, "json_extract_path_text", "json_extract_array_element_text", "json_array_length")
}
