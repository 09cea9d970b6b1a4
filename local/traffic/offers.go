package traffic

// The offers by their part in the plan. Two are paused for some hours each day.
const (
	gameAndroid   = iota // appsflyer
	gameIOS              // adjust
	runnerAndroid        // branch
	cityIOS              // kochava
	quizAndroid          // singular
	newsAndroid          // generic
	shopEurope           // appsflyer, in euros; renamed once a day, which leaves its status unproven for a while
	pausedAndroid
	pausedIOS
	heldForApproval
	capped
)

const (
	goalPurchase = 0 // repeatable
	goalFirst    = 1 // once a transaction, where the offer has it
)

const dailyCap = 3

// offers are the campaigns of the network, all made before the first click.
func offers() []Offer {
	purchase := Goal{Name: "purchase", Payout: "5.00", Revenue: "6.50", Repeatable: true}
	first := Goal{Name: "first purchase", Payout: "3.00", Revenue: "4.00"}
	share := Goal{Name: "purchase share", Payout: "10", Revenue: "12.5", Percent: true, Repeatable: true}
	return []Offer{
		gameAndroid: {
			Name: "Game One Android US", Source: appsflyer, AppID: "com.example.gameone", Platform: "android", Currency: "USD",
			Payout: "2.00", Revenue: "2.60", Goals: []Goal{purchase, first},
		},
		gameIOS: {
			Name: "Game One iOS US", Source: adjust, AppID: "1297000001", Platform: "ios", Currency: "USD",
			Payout: "3.10", Revenue: "4.05", Goals: []Goal{purchase, first},
		},
		runnerAndroid: {
			Name: "Runner Six Android US", Source: branch, AppID: "com.example.runnersix", Platform: "android", Currency: "USD",
			Payout: "1.80", Revenue: "2.40", Goals: []Goal{purchase, first},
		},
		cityIOS: {
			Name: "City Seven iOS US", Source: kochava, AppID: "kocity-seven-ios", Platform: "ios", Currency: "USD",
			Payout: "2.70", Revenue: "3.50", Goals: []Goal{purchase, first},
		},
		quizAndroid: {
			Name: "Quiz Eight Android US", Source: singular, AppID: "com.example.quizeight", Platform: "android", Currency: "USD",
			Payout: "1.10", Revenue: "1.60", Goals: []Goal{purchase, first},
		},
		newsAndroid: {
			Name: "News Nine Android US", Source: generic, AppID: "com.example.newsnine", Platform: "android", Currency: "USD",
			Payout: "0.90", Revenue: "1.25", Goals: []Goal{purchase, first},
		},
		shopEurope: {
			Name: "Shop Two Android EU", Source: appsflyer, AppID: "com.example.shoptwo", Platform: "android", Currency: "EUR",
			Payout: "1.20", Revenue: "1.75", Goals: []Goal{share},
		},
		pausedAndroid: {
			Name: "Puzzle Three Android US", Source: appsflyer, AppID: "com.example.puzzlethree", Platform: "android", Currency: "USD",
			Payout: "1.50", Revenue: "2.10", Goals: []Goal{purchase},
		},
		pausedIOS: {
			Name: "Puzzle Three iOS US", Source: adjust, AppID: "1297000003", Platform: "ios", Currency: "USD",
			Payout: "2.40", Revenue: "3.30", Goals: []Goal{purchase},
		},
		heldForApproval: {
			Name: "Bank Four Android US", Source: branch, AppID: "com.example.bankfour", Platform: "android", Currency: "USD",
			Payout: "12.00", Revenue: "15.00", Approve: true,
		},
		capped: {
			Name: "Radio Five iOS US", Source: kochava, AppID: "1297000005", Platform: "ios", Currency: "USD",
			Payout: "0.80", Revenue: "1.10", DailyCap: dailyCap,
		},
	}
}
