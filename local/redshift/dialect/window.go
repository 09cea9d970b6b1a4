package dialect

// windowRules are about OVER (…).
// Source: Amazon Redshift Database Developer Guide, "Window function syntax summary".
func windowRules() []Rule {
	return []Rule{
		{Name: "an ordered aggregate without a frame", Outcome: Refused, Example: "select sum(id) over (order by id) from places",
			Shows: "Aggregate window functions with an ORDER BY clause require a frame clause", Note: "Write the frame: rows unbounded preceding.", apply: windows},
		{Name: "an ordered first value without a frame", Outcome: Refused, Example: "select first_value(name) over (partition by id order by name) from places",
			Shows: "Aggregate window functions with an ORDER BY clause require a frame clause"},
		{Name: "RANGE frames", Outcome: Refused, Example: "select sum(id) over (order by id range unbounded preceding) from places", Shows: `syntax error at or near "range"`,
			Note: "Frames are counted in ROWS."},
		{Name: "named windows", Outcome: Refused, Example: "select sum(id) over w from places window w as (partition by id)", Shows: `syntax error at or near "w"`,
			Note: "Write the window behind each OVER."},
	}
}

func windows(s *statement) error {
	if s.catalog {
		return nil
	}
	for i := s.queries(); i < len(s.tokens); i++ {
		if !s.tokens[i].is("over") || !s.tokens.at(i-1).is(")") {
			continue
		}
		if !s.tokens.at(i + 1).is("(") {
			return near(s.tokens.at(i+1), "Write the window behind each OVER.")
		}
		end := s.tokens.closing(i + 1)
		if at := s.tokens.find(i+2, end, "range", "groups"); at > 0 {
			return near(s.tokens[at], "Frames are counted in ROWS.")
		}
		function := s.tokens.at(s.tokens.opening(i-1) - 1)
		if aggregates(function) && s.tokens.find(i+2, end, "order") > 0 && s.tokens.find(i+2, end, "rows") < 0 {
			return &Error{Code: featureNotSupported, Message: "Aggregate window functions with an ORDER BY clause require a frame clause",
				Hint: "Write the frame: rows unbounded preceding."}
		}
	}
	return nil
}

// aggregates is true for the functions that look at a frame.
func aggregates(t Token) bool {
	return t.isAny("sum", "avg", "count", "min", "max", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "bool_and", "bool_or",
		"first_value", "last_value", "nth_value")
}
