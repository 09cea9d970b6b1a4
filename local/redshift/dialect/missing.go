package dialect

import "strings"

// missWords makes the rule that the words, wherever they stand in a row, are something that Redshift knows and the stand-in does not imitate.
func missWords(name, words, example, note string) Rule {
	sequence := strings.Fields(words)
	return Rule{Name: name, Outcome: NotImitated, Example: example, Note: note, Shows: "the stand-in does not imitate " + name,
		apply: func(s *statement) error {
			for i := range s.tokens {
				if s.tokens.words(i, sequence...) && !s.catalog && !s.tokens.at(i-1).is(".") {
					return notImitated(name, note)
				}
			}
			return nil
		}}
}

// missStart is missWords for the beginning of a statement.
func missStart(words, example, note string) Rule {
	name, sequence := strings.ToUpper(words), strings.Fields(words)
	return Rule{Name: name, Outcome: NotImitated, Example: example, Note: note, Shows: "the stand-in does not imitate " + name,
		apply: func(s *statement) error {
			if s.tokens.words(0, sequence...) {
				return notImitated(name, note)
			}
			return nil
		}}
}

// missing is what Redshift knows and the stand-in leaves out.
func missing() []Rule {
	return []Rule{
		missStart("unload", "unload ('select 1') to 's3://bucket/x' iam_role 'arn:aws:iam::000000000000:role/load'", "Select the rows."),
		missStart("create external", "create external schema lake from data catalog database 'd' iam_role 'arn:aws:iam::000000000000:role/load'", "Spectrum is outside of the stand-in."),
		missStart("create procedure", "create procedure p() as $$ begin end $$ language plpgsql", "Keep logic in dbt and the loader."),
		missStart("create or replace procedure", "create or replace procedure p() as $$ begin end $$ language plpgsql", "Keep logic in dbt and the loader."),
		missStart("create function", "create function f(int) returns int stable as $$ select $1 $$ language sql", "Use a dbt macro."),
		missStart("create or replace function", "create or replace function f(int) returns int stable as $$ select $1 $$ language sql", "Use a dbt macro."),
		missStart("call", "call p()", "Keep logic in dbt and the loader."),
		missStart("create model", "create model m from places target id function f", "Redshift ML is outside of the stand-in."),
		missStart("create datashare", "create datashare d", "Data sharing is outside of the stand-in."),
		missStart("prepare", "prepare q as select 1", "Prepare by the driver."),
		missStart("execute", "execute q", "Prepare by the driver."),
		missWords("QUALIFY", "qualify", "select id from places qualify row_number() over (order by id) = 1", "Filter row_number() in an outer query: that holds everywhere."),
		missWords("PIVOT", "pivot", "select * from places pivot (count(*) for id in (1, 2))", "Use sum(case …)."),
		missWords("UNPIVOT of columns", "unpivot (", "select * from places unpivot (number for what in (id))", "Use UNION ALL."),
		missWords("CONNECT BY", "connect by", "select id from places start with id = 1 connect by prior id = id", "Use WITH RECURSIVE."),
		missWords("ALTER TABLE APPEND", "append from", "alter table places append from others", "Insert and delete in one transaction."),
		missWords("APPROXIMATE PERCENTILE_DISC", "approximate percentile_disc", "select approximate percentile_disc(0.5) within group (order by id) from places", "Use percentile_disc."),
		missWords("MERGE … REMOVE DUPLICATES", "remove duplicates", "merge into places using others on places.id = others.id remove duplicates", "Use WHEN MATCHED and WHEN NOT MATCHED."),
	}
}
