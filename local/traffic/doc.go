// Package traffic plays days of postbacks of six senders (mmps) against a local stack, and says afterwards what the marts must hold.
//
// A Plan is drawn from a seed: clean installs and purchases on the curve of a local day, and every kind of trouble at least five times a
// day (Kind, Counts). A Player plays it through public protocols only: clicks at TUNE's aff_c, postbacks at the front, offers, goals and
// status changes by TUNE's API. NewTruth then draws the expected result from the plan and from TUNE's own books, never from the archive
// or the warehouse, and not by their SQL: what a request is to its conversion was decided when it was planned.
//
// # What a word means
//
// The design leaves a few meanings open. Marts and truth agree on these:
//
//   - An install is one conversion a click; a purchase is one by its order id, or by its time and amount where the app sends no order id.
//   - Where an identity is named, an identical request is a sender_retry however late it comes. Where none is, it is one within the source's
//     retry window (of AppsFlyer 75 minutes), and after that a conversion of its own, a possible_repeat.
//   - What carries no click id has no identity. TUNE answers "Invalid Trans. ID", so it is of class
//     unknown_click and not billable, as is a click id that TUNE never gave out.
//   - An install happens at the MMP's install time and an event at its event time; paused_at_conversion is judged there, not at the receipt,
//     and paused_at_click at the MMP's click time. A listing of offers at O that shows a status last modified at M proves it from M to O,
//     both included; any update of the offer, also of its name, begins a new proof.
//   - An event is paused or unknown if its offer or its goal is. Goals are never touched in a plan.
//   - Class and money follow the TUNE row that decides among all rows that carry any postback id of the conversion. Without one, price is
//     the offer's or goal's, a percentage of the sale where the goal is priced so.
//   - expected_fraud: rejected by the MMP and not approved by TUNE; post_approval_fraud: rejected by the MMP and approved by TUNE. Fraud that
//     only our rules see stays in the class that TUNE gave it; it shows in flags and billing.
//   - What a heuristic looks for is planted with the volumes that it asks for, from sites that send nothing clean, so it must hit; but for F1,
//     whose late injections nobody can tell from others. Look-alikes are clean and must be hit as well: that is what precision measures.
//   - A click is unknown for certain only where TUNE's log can prove it: of the report date and the week before.
//   - What TUNE swallows for a paused offer is breakage_forward, unless the MMP had told TUNE itself: then that row is the conversion's.
package traffic
