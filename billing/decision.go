package billing

import (
	"fmt"
	"slices"
	"strings"
)

// The words of a decision; billing_status takes them over.
const (
	Billable    = "billable"
	NotBillable = "not_billable"
)

// longestReason is that of the column.
const longestReason = 1000

// Decision is what a person says about one conversion. The newest of a conversion counts.
type Decision struct {
	ConversionID string
	Verdict      string // Billable or NotBillable
	Reason       string
	By           string
}

// Validate refuses a decision that nobody could stand by later.
func (d Decision) Validate() error {
	switch {
	case d.ConversionID == "":
		return fmt.Errorf("a decision needs the conversion_id that it is about")
	case !slices.Contains([]string{Billable, NotBillable}, d.Verdict):
		return fmt.Errorf("%q is no decision: write %s or %s", d.Verdict, Billable, NotBillable)
	case strings.TrimSpace(d.Reason) == "":
		return fmt.Errorf("the decision about %s needs its reason", d.ConversionID)
	case len(d.Reason) > longestReason:
		return fmt.Errorf("the reason for %s is %d bytes long; at most %d are kept", d.ConversionID, len(d.Reason), longestReason)
	case strings.TrimSpace(d.By) == "":
		return fmt.Errorf("the decision about %s needs the name of the person who takes it", d.ConversionID)
	}
	return nil
}
