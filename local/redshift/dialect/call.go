package dialect

import (
	"fmt"
	"strings"
)

// callRules are about functions that Redshift writes or understands otherwise than PostgreSQL.
func callRules() []Rule {
	return []Rule{
		{Name: "DATEADD, DATEDIFF, DATE_PART with bare units", Outcome: Translated, Example: "select datediff(day, '2026-11-20 23:00'::timestamp, '2026-11-21 01:00'::timestamp)", Shows: "1",
			Note: "The units that were crossed are counted.", apply: bareUnits},
		{Name: "DATEADD", Outcome: Translated, Example: "select dateadd(month, 1, '2026-01-31'::date)::varchar", Shows: "2026-02-28 00:00:00"},
		{Name: "CONVERT_TIMEZONE", Outcome: Translated, Example: "select convert_timezone('UTC', 'America/New_York', '2026-11-20 03:00'::timestamp)::varchar", Shows: "2026-11-19 22:00:00"},
		{Name: "GETDATE and SYSDATE", Outcome: Translated, Example: "select sysdate >= '2020-01-01' and getdate() >= '2020-01-01'", Shows: "true", apply: clockWords},
		{Name: "NVL, NVL2, DECODE", Outcome: Translated, Example: "select nvl(null, decode(2, 1, 'one', 2, 'two', 'many'))", Shows: "two", apply: choices},
		{Name: "LISTAGG", Outcome: Translated, Example: "select listagg(name, ', ') within group (order by id) from places", Shows: "Athens, Berlin", apply: listagg},
		{Name: "APPROXIMATE COUNT(DISTINCT …)", Outcome: Translated, Example: "select approximate count(distinct name) from places", Shows: "2", Note: "It is exact here.", apply: approximate},
		{Name: "MEDIAN", Outcome: Translated, Example: "select median(id) from places", Shows: "1.5", apply: median},
		{Name: "RATIO_TO_REPORT", Outcome: Translated, Example: "select ratio_to_report(id) over () from places where id = 1", Shows: "1", apply: ratioToReport},
		{Name: "AVG of integers is an integer", Outcome: Translated, Example: "select avg(id) from places", Shows: "1", apply: rename},
		{Name: "CONCAT with NULL is NULL", Outcome: Translated, Example: "select concat('a', null) is null", Shows: "true"},
		{Name: "REGEXP_REPLACE replaces all", Outcome: Translated, Example: "select regexp_replace('a-b-c', '-', '+')", Shows: "a+b+c"},
		{Name: "VERSION", Outcome: Translated, Example: "select version() like '%Redshift%'", Shows: "true"},
		{Name: "CONVERT", Outcome: Translated, Example: "select convert(int, '12') + 1", Shows: "13", apply: convert},
		{Name: "TOP", Outcome: Translated, Example: "select top 1 name from places order by id desc", Shows: "Berlin", apply: top},
		{Name: "MINUS", Outcome: Translated, Example: "select id from places minus select 1", Shows: "2", apply: minus},
		{Name: "TRUNC of a timestamp", Outcome: Translated, Example: "select trunc('2026-11-20 10:11'::timestamp)::varchar", Shows: "2026-11-20"},
		{Name: "CHARINDEX, LEN, STRTOL", Outcome: Translated, Example: "select charindex('b', 'abc') + len('abc') + strtol('ff', 16)", Shows: "260"},
		{Name: "MD5", Outcome: Translated, Example: "select left(md5('a'), 8)", Shows: "0cc175b9"},
		{Name: "SHA2, FUNC_SHA1", Outcome: Translated, Example: "select left(sha2('a', 256), 8) || left(func_sha1('a'), 4)", Shows: "ca97811286f7"},
		{Name: "JSON texts", Outcome: Translated, Example: `select json_extract_path_text('{"a": {"b": "x"}}', 'a', 'b')`, Shows: "x"},
		{Name: "JSON arrays", Outcome: Translated, Example: `select json_extract_array_element_text('["a", "b"]', 1) || json_array_length('["a", "b"]')`, Shows: "b2"},
		{Name: "NVL2", Outcome: Translated, Example: "select nvl2(null::int, 'there', 'not there')", Shows: "not there"},
		{Name: "DECODE takes NULL for a value", Outcome: Translated, Example: "select decode(null::int, null, 'none', 1, 'one')", Shows: "none"},
		{Name: "LISTAGG (DISTINCT …)", Outcome: Translated, Example: "select listagg(distinct left(name, 0) || 'x') from places", Shows: "x"},
		{Name: "ARRAY, OBJECT", Outcome: Translated, Example: "select json_serialize(object('id', 1, 'tags', array('old', null, extra.size))) from places where id = 1",
			Shows: `{"id":1,"tags":["old",null,"small"]}`, apply: constructors},
		{Name: "IS_VALID_JSON, CAN_JSON_PARSE", Outcome: Translated, Example: "select is_valid_json('{') or not can_json_parse('[1]')", Shows: "false"},
	}
}

// eachCall visits the calls of the named functions from the last to the first, so that inner calls come before outer
// ones; it gives the index of the name and the argument ranges.
func (s *statement) eachCall(visit func(name string, at int, args [][2]int, end int) error, names ...string) error {
	for i := len(s.tokens) - 2; i >= s.queries(); i-- {
		if s.tokens[i].Kind != Word || !s.tokens[i].isAny(names...) || !s.tokens[i+1].is("(") || s.tokens.at(i-1).is(".") {
			continue
		}
		close := s.tokens.closing(i + 1)
		if err := visit(s.tokens[i].name(), i, s.tokens.split(i+2, close), close+1); err != nil {
			return err
		}
	}
	return nil
}

func (s *statement) arg(a [2]int) string { return s.tokens.text(a[0], a[1]) }

// bareUnits puts the unit of DATEADD (day, …) into quotes. Texts in the place of times are timestamps without a zone.
func bareUnits(s *statement) error {
	return s.eachCall(func(name string, at int, args [][2]int, end int) error {
		for k := len(args) - 1; k > 0; k-- {
			if a := args[k]; a[1] == a[0]+1 && s.tokens[a[0]].Kind == Literal {
				s.replace(a[1], a[1], "::timestamp")
				s.tokens[a[1]].Space = ""
			}
		}
		if len(args) > 0 && args[0][1] == args[0][0]+1 && s.tokens[args[0][0]].Kind == Word {
			s.replace(args[0][0], args[0][1], "'"+s.tokens[args[0][0]].name()+"'")
		}
		if name == "date_add" || name == "date_diff" {
			s.replace(at, at+1, strings.Replace(name, "_", "", 1))
		}
		return nil
	}, "dateadd", "datediff", "date_part", "date_add", "date_diff")
}

// clockWords gives SYSDATE and CURRENT_DATE, which take no brackets, the stand-in's clock.
func clockWords(s *statement) error {
	for i := 0; i < len(s.tokens); i++ {
		if s.tokens[i].Kind != Word || s.tokens.at(i-1).is(".") || s.tokens.at(i-1).is("as") || s.tokens.at(i+1).is("(") {
			continue
		}
		switch {
		case s.tokens[i].is("sysdate"):
			s.replace(i, i+1, "sysdate()")
		case s.tokens[i].is("current_date"):
			s.replace(i, i+1, "(sysdate()::date)")
		}
	}
	return nil
}

func choices(s *statement) error {
	return s.eachCall(func(name string, at int, args [][2]int, end int) error {
		switch {
		case name == "nvl":
			s.replace(at, at+1, "coalesce")
		case name == "nvl2" && len(args) == 3:
			s.replace(at, end, fmt.Sprintf("case when (%s) is not null then %s else %s end", s.arg(args[0]), s.arg(args[1]), s.arg(args[2])))
		case name == "decode" && len(args) >= 3:
			var b strings.Builder
			b.WriteString("case")
			k := 1
			for ; k+1 < len(args); k += 2 {
				fmt.Fprintf(&b, " when (%s) is not distinct from (%s) then %s", s.arg(args[0]), s.arg(args[k]), s.arg(args[k+1]))
			}
			if k < len(args) {
				b.WriteString(" else " + s.arg(args[k]))
			}
			s.replace(at, end, b.String()+" end")
		}
		return nil
	}, "nvl", "nvl2", "decode")
}

// listagg turns LISTAGG(value, ',') WITHIN GROUP (ORDER BY …) into string_agg(value, ',' ORDER BY …).
func listagg(s *statement) error {
	return s.eachCall(func(_ string, at int, args [][2]int, end int) error {
		if len(args) == 0 {
			return nil
		}
		order, delimiter := "", "''"
		if s.tokens.words(end, "within", "group", "(") {
			close := s.tokens.closing(end + 2)
			order = " " + s.tokens.text(end+3, close)
			end = close + 1
		}
		if s.tokens.at(end).is("over") {
			return notImitated("LISTAGG as a window function", "Aggregate in a subquery and join.")
		}
		if len(args) > 1 {
			delimiter = s.arg(args[1])
		}
		value, distinct := args[0], ""
		if s.tokens[value[0]].is("distinct") {
			value[0]++
			distinct = "distinct "
		}
		s.replace(at, end, fmt.Sprintf("string_agg(%s(%s)::varchar, %s%s)", distinct, s.arg(value), delimiter, order))
		return nil
	}, "listagg")
}

func approximate(s *statement) error {
	for i := 0; i < len(s.tokens); i++ {
		if s.tokens.words(i, "approximate", "count", "(") {
			s.replace(i, i+2, "count")
		}
	}
	return nil
}

func median(s *statement) error {
	return s.eachCall(func(_ string, at int, args [][2]int, end int) error {
		if s.tokens.at(end).is("over") {
			return notImitated("MEDIAN as a window function", "Aggregate in a subquery and join.")
		}
		s.replace(at, end, fmt.Sprintf("percentile_cont(0.5) within group (order by %s)", s.tokens.text(at+2, end-1)))
		return nil
	}, "median")
}

func ratioToReport(s *statement) error {
	return s.eachCall(func(_ string, at int, _ [][2]int, end int) error {
		value := s.tokens.text(at+2, end-1)
		s.replace(at, end, fmt.Sprintf("(%s)::float / sum(%s)", value, value))
		return nil
	}, "ratio_to_report")
}

// rename sends functions whose meaning differs to their Redshift version.
func rename(s *statement) error {
	return s.eachCall(func(name string, at int, _ [][2]int, _ int) error {
		s.replace(at, at+1, "redshift_"+name)
		return nil
	}, "avg", "concat", "regexp_replace", "json_extract_path_text", "json_array_length", "json_serialize", "version")
}

// constructors are functions of other names here: PostgreSQL's ARRAY is a word of its grammar.
func constructors(s *statement) error {
	return s.eachCall(func(name string, at int, _ [][2]int, _ int) error {
		s.replace(at, at+1, "super_"+name)
		return nil
	}, "array", "object")
}

// convert turns CONVERT(type, value) into a cast.
func convert(s *statement) error {
	return s.eachCall(func(_ string, at int, args [][2]int, end int) error {
		if len(args) == 2 {
			s.replace(at, end, fmt.Sprintf("cast(%s as %s)", s.arg(args[1]), s.arg(args[0])))
		}
		return nil
	}, "convert")
}

// top turns SELECT TOP n … into SELECT … LIMIT n.
func top(s *statement) error {
	for i := 0; i < len(s.tokens); i++ {
		if !s.tokens.words(i, "select", "top") || s.tokens.at(i+2).Kind != Number {
			continue
		}
		n := s.tokens[i+2].Text
		s.remove(i+1, i+3)
		end := i + 1
		for end < len(s.tokens) && !s.tokens[end].is(")") {
			if s.tokens[end].is("(") {
				end = s.tokens.closing(end)
			}
			if s.tokens[end].isAny("union", "except", "intersect", "minus", "limit") {
				return notImitated("TOP beside UNION or LIMIT", "Use LIMIT.")
			}
			end++
		}
		s.replace(end, end, "limit "+n)
		s.tokens[end].Space = " "
	}
	return nil
}

func minus(s *statement) error {
	for i, t := range s.tokens {
		if t.is("minus") && s.tokens.at(i+1).isAny("select", "(") {
			s.replace(i, i+1, "except")
		}
	}
	return nil
}
