package dialect

// Outcome is what the stand-in does with a construct.
type Outcome string

const (
	Translated  Outcome = "translated"   // it works as on Redshift
	Refused     Outcome = "refused"      // Redshift refuses it, and so does the stand-in
	NotImitated Outcome = "not imitated" // Redshift knows it; the stand-in refuses it rather than misread it
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
		refusedSyntax(), t.refusedNames(), refusedTypes(), missing(),
		transactionRules(), alterRules(), {noteSortKey}, definitionRules(), superRules(), callRules(), literalRules(), {indexSortKey}, lateViewRules(),
	} {
		table = append(table, part...)
	}
	return table
}

// notImitated is the answer to what Redshift knows and the stand-in does not.
func notImitated(what, hint string) error {
	return &Error{Code: featureNotSupported, Message: "the stand-in does not imitate " + what, Hint: hint}
}
