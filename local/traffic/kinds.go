package traffic

// Kind names why something is in the plan. Each kind of request comes at least five times a day.
type Kind string

// Kinds of requests to the front.
const (
	Install       Kind = "install"        // clean, 10 s or more after the click
	Purchase      Kind = "purchase"       // repeatable, each with its own order or time
	QuickInstall  Kind = "quick_install"  // clean, yet under 10 s: the heuristic's false positive
	Midnight      Kind = "midnight"       // installs within two minutes of local midnight, on both sides
	SenderRetry   Kind = "sender_retry"   // the identical request again, within the sender's schedule
	Repeat        Kind = "repeat"         // the same conversion told again, with other parameters
	LateRepeat    Kind = "late_repeat"    // the identical request again, long after the sender's schedule has ended
	Nameless      Kind = "nameless"       // an event that names nothing by which it could be told from another
	NamelessAgain Kind = "nameless_again" // the same words again, after the sender's schedule: perhaps another event, perhaps not
	QueueTwice    Kind = "queue_twice"    // the queue delivers it twice
	Rejected      Kind = "rejected"       // by the MMP, from the start
	RejectedLater Kind = "rejected_later" // by the MMP, after it was accepted: the same day or the next
	Injected      Kind = "injected"       // fraud: the click came 2 to 9 s before the install
	SlowInjected  Kind = "slow_injected"  // fraud: as injected, but 10 to 14 s before the install, where no rule can tell it from others
	LookAlike     Kind = "look_alike"     // clean, yet a traveller, a second install or an undecided person: a heuristic's false positive
	OutOfWindow   Kind = "out_of_window"  // fraud: the click came more than 7 days before the install
	StoreInjected Kind = "store_injected" // fraud: the install had begun before its click
	Flood         Kind = "click_flood"    // fraud: a site whose clicks come hours and days before the installs
	Burst         Kind = "burst"          // fraud: most of that site's day in one hour
	Spam          Kind = "click_spam"     // fraud: five installs of ten thousand clicks by one agent, an hour's from one block of addresses
	Farm          Kind = "device_farm"    // fraud: a dozen installs from one block of addresses in an hour
	SiteRejected  Kind = "site_rejected"  // fraud: most installs of a site, by the MMP's own word
	SiteSuspect   Kind = "site_suspect"   // fraud: the others of that site
	Abroad        Kind = "other_country"  // fraud: installed in another country than clicked in
	Spoofed       Kind = "spoofed_id"     // fraud: an advertising id that is none
	Engaged       Kind = "hyper_engaged"  // fraud: twelve clicks of a device on the offer
	Roaming       Kind = "many_addresses" // fraud: clicks of a device from seven addresses
	Reinstall     Kind = "reinstall"      // fraud: a second install by the same device
	OutOfOrder    Kind = "out_of_order"   // fraud: the click came after the install
	Swapped       Kind = "other_offer"    // fraud: told of another offer than was clicked on
	PausedOffer   Kind = "paused_offer"   // the offer is paused, the click came before
	PausedClick   Kind = "paused_click"   // the offer is paused, and was when the click came
	PausedUnseen  Kind = "paused_unseen"  // shortly before a pause: no observation proves the status
	ToldToBoth    Kind = "told_to_both"   // the MMP told TUNE itself, and us only after TUNE had begun to ignore the offer
	UnknownClick  Kind = "unknown_click"  // a click that TUNE never saw
	Late          Kind = "late"           // happened a day or more before we hear of it
	BadToken      Kind = "bad_token"      // sometimes before the genuine one
	UnknownSource Kind = "unknown_source"
	Forged        Kind = "forged_rejection" // of a genuine conversion, with a wrong token
	TooLarge      Kind = "too_large"
	BadEscape     Kind = "bad_escape"
	Macro         Kind = "unresolved_macro"
	DoubleKey     Kind = "double_key"
	WithoutClick  Kind = "without_click_id"
	NotUTF8       Kind = "not_utf8"
	PlusAndBlank  Kind = "plus_and_blank" // + in one request and %20 in its retry mean the same
	LongQuery     Kind = "long_query"
	OddAmount     Kind = "odd_amount"     // a purchase whose amount or currency is written so that nobody should guess at it
	OddTime       Kind = "odd_time"       // an install whose time is none
	Pending       Kind = "tune_pending"   // TUNE holds it for approval
	Capped        Kind = "tune_capped"    // more than TUNE's daily cap
	TuneRepeat    Kind = "tune_duplicate" // a second purchase where TUNE allows one
)

// Kinds of what happens elsewhere.
const (
	Visit     Kind = "click"
	Bypass    Kind = "bypass"            // the MMP tells TUNE and not us
	ByHand    Kind = "manual_adjustment" // booked in TUNE
	Pausing   Kind = "status_change"
	Renaming  Kind = "other_change" // of an offer that stays active
	Settling  Kind = "approval"     // of a pending conversion, on the day after
	Observing Kind = "observation"
)

// RequestKinds are the kinds of requests to the front, in the order of the table.
func RequestKinds() []Kind {
	return []Kind{
		Install, Purchase, QuickInstall, Midnight, SenderRetry, Repeat, LateRepeat, Nameless, NamelessAgain, QueueTwice, Rejected, RejectedLater,
		Injected, SlowInjected, LookAlike, OutOfWindow, StoreInjected, Flood, Burst, Spam, Farm, SiteRejected, SiteSuspect, Abroad, Spoofed, Engaged, Roaming, Reinstall,
		OutOfOrder, Swapped, PausedOffer, PausedClick, PausedUnseen, ToldToBoth, UnknownClick, Late, BadToken, UnknownSource, Forged, TooLarge,
		BadEscape, Macro, DoubleKey, WithoutClick, NotUTF8, PlusAndBlank, LongQuery, OddAmount, OddTime,
		Pending, Capped, TuneRepeat,
	}
}

// OtherKinds are the kinds of what happens in TUNE alone.
func OtherKinds() []Kind { return []Kind{Bypass, ByHand} }
