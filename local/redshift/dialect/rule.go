package dialect

// Outcome is what the stand-in does with a construct.
type Outcome string

const (
	Translated  Outcome = "translated"   // it works as on Redshift
	Refused     Outcome = "refused"      // Redshift refuses it, and so does the stand-in
	NotImitated Outcome = "not imitated" // Redshift knows it; the stand-in refuses it rather than misread it
	Differs     Outcome = "differs"      // it works, but not as on Redshift, and cannot be told in the statement
)

// Rule is a line of the table of what the stand-in does. Tests run every example; docs/stand-ins.md is made from it.
type Rule struct {
	Name    string
	Outcome Outcome
	Example string // a whole statement, run in the scenery of the tests
	Shows   string // the example's first value as text; for what is refused, the error's message
	Note    string // what to know, or what to write instead

	apply func(*statement) error
}

// Rules is the table, in the order in which its rules are applied.
func (t *Translator) Rules() []Rule { return append([]Rule(nil), t.rules...) }

func (t *Translator) ruleTable() []Rule {
	var table []Rule
	noteSortKey, indexSortKey := sortKeyRules()
	for _, part := range [][]Rule{
		refusedSyntax(), commandRules(), windowRules(), t.refusedNames(), refusedTypes(), missing(), t.leftOut(),
		transactionRules(), alterRules(), {noteSortKey}, definitionRules(), superRules(), callRules(), literalRules(), {indexSortKey}, lateViewRules(), copyRules(), differences(),
	} {
		table = append(table, part...)
	}
	return table
}

// differences are what a test against the stand-in cannot show.
func differences() []Rule {
	return []Rule{
		{Name: "blanks at the end of texts", Outcome: Differs, Example: "select 'a' = 'a '", Shows: "false", Note: "Redshift says true: it compares without them."},
		{Name: "digits of a quotient", Outcome: Differs, Example: "select 1::decimal(10,2) / 3", Shows: "0.33333333333333333333", Note: "Redshift says 0.3333: its scale follows from the types."},
		{Name: "the order of rows without ORDER BY", Outcome: Differs, Example: "select id from places", Shows: "1", Note: "Redshift's slices give another at each run."},
	}
}

// notImitated is the answer to what Redshift knows and the stand-in does not.
func notImitated(what, hint string) error {
	return &Error{Code: featureNotSupported, Message: "the stand-in does not imitate " + what, Hint: hint}
}
