package traffic

import (
	"slices"
	"time"
)

// judge says whether fraud rules must speak of a conversion. Those that cannot err are few; what else was planted is suspect, but for
// injected installs that came too late for F1.
func (w *witness) judge(t *ConversionTruth, c Case, entries []Entry) {
	quick := c.Event == "" && c.CTIT >= 0 && c.CTIT < 10*time.Second
	certain := func(rule string) bool { return rule == "F2" || rule == "F14" }
	t.Deterministic = slices.ContainsFunc(c.Rules, certain) || w.unknownToTheLog(t, c) || w.rejectedForFraud(entries)
	t.Suspect = quick || c.Mistaken || slices.ContainsFunc(c.Rules, func(rule string) bool { return !certain(rule) && rule != "F1" })
	t.Clean = !c.Fraud && !c.Mistaken && !quick
}

// unknownToTheLog reports whether TUNE's click log proves that a click was none. It is looked at up to the report date, and the ten minutes
// around the MMP's time of the click must lie in it.
func (w *witness) unknownToTheLog(t *ConversionTruth, c Case) bool {
	return c.Kind == UnknownClick && w.plan.calendar.date(c.ClickedAt.Add(10*time.Minute)) <= t.ReportDate
}

// rejectedForFraud reports whether the MMP rejects a conversion for anything but a rule that the advertiser made.
func (w *witness) rejectedForFraud(entries []Entry) bool {
	last := w.lastWord(entries)
	return last.Rejects && !slices.Contains([]string{"install_validation_rules", "User-defined Rule", "geo"}, last.Reason)
}
