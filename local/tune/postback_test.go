package tune_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"backstop/local/tune"
)

func TestClickRedirectsWithNewTransaction(t *testing.T) {
	n := start(t)
	offer := n.offer()
	first, second := n.click(offer), n.click(offer)
	for _, id := range []string{first, second} {
		if !regexp.MustCompile(`^102[0-9a-f]{27}$`).MatchString(id) {
			t.Errorf("transaction id %q is not 30 hex digits beginning with 102", id)
		}
	}
	if first == second {
		t.Error("two clicks share a transaction id")
	}
	location := n.get("/aff_c?offer_id=" + offer + "&aff_id=2002&aff_sub=a%20b").Header.Get("Location")
	assertContains(t, location, "af_c_id="+offer+"&af_siteid=2002&sub=a+b")
}

func TestClickOnPausedOffer(t *testing.T) {
	n := start(t)
	running, paused := n.offer(), n.offer("status", "paused")
	if got := n.get("/aff_c?offer_id=" + paused); got.StatusCode != http.StatusOK || got.Header.Get("Location") != "" {
		t.Errorf("paused offer: status %d, Location %q, want a blank page", got.StatusCode, got.Header.Get("Location"))
	}
	if body := n.text("/aff_c?offer_id=" + paused); body != "" {
		t.Errorf("paused offer: body %q, want none", body)
	}
	n.set("Offer", paused, "redirect_offer_id", running)
	assertContains(t, n.get("/aff_c?offer_id="+paused).Header.Get("Location"), "af_c_id="+running)
}

func TestPostbackChecks(t *testing.T) {
	cases := []struct {
		name   string
		offer  []string
		goal   []string // a goal is made and meant unless nil
		before string   // an earlier postback's parameters
		query  string
		answer string
		status string // "" means no row
		code   string
	}{
		{name: "approved", answer: "success=true;", status: "approved", code: "43"},
		{name: "goal", goal: []string{"default_payout", "5"}, answer: "success=true;", status: "approved", code: "43"},
		{name: "second without multiple", before: "&adv_sub=a", answer: "success=false; err_msg=Duplicate conversion.;", status: "rejected", code: "12"},
		{name: "second with multiple", offer: []string{"allow_multiple_conversions", "1"}, before: "&adv_sub=a", answer: "success=true;", status: "approved", code: "43"},
		{name: "other offer", query: "&offer_id=9", answer: "success=false; err_msg=Invalid Offer ID #9.;"},
		{name: "unknown goal", query: "&goal_id=9", answer: "success=false; err_msg=Invalid Goal ID #9.;"},
		{name: "test", query: "&test=1", answer: "success=true;", status: "rejected", code: "23"},
		{name: "token missing", offer: []string{"security_token", "s3"}, answer: "success=true;", status: "rejected", code: "19"},
		{name: "token right", offer: []string{"security_token", "s3"}, query: "&security_token=s3", answer: "success=true;", status: "approved", code: "43"},
		{name: "not whitelisted", offer: []string{"enable_offer_whitelist", "1"}, answer: "success=true;", status: "rejected", code: "14"},
		{name: "daily cap", offer: []string{"conversion_cap", "1", "allow_multiple_conversions", "1"}, before: "&adv_sub=a", answer: "success=true;", status: "rejected", code: "17"},
		{name: "monthly cap", offer: []string{"monthly_conversion_cap", "1", "allow_multiple_conversions", "1"}, before: "&adv_sub=a", answer: "success=true;", status: "rejected", code: "61"},
		{name: "daily payout cap", offer: []string{"payout_cap", "2", "allow_multiple_conversions", "1"}, before: "&adv_sub=a", answer: "success=true;", status: "rejected", code: "62"},
		{name: "monthly revenue cap", offer: []string{"monthly_revenue_cap", "2.6", "allow_multiple_conversions", "1"}, before: "&adv_sub=a", answer: "success=true;", status: "rejected", code: "65"},
		{name: "sent as rejected", query: "&status=rejected", answer: "success=true;", status: "rejected", code: "43"},
		{name: "sent as pending", query: "&status=pending", answer: "success=true;", status: "pending", code: "31"},
		{name: "needs approval", offer: []string{"approve_conversions", "1"}, answer: "success=true;", status: "pending", code: "31"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := start(t)
			transaction := n.click(n.offer(c.offer...))
			call := "/aff_lsr?transaction_id=" + transaction
			if c.goal != nil {
				id := n.create("Goal", append([]string{"offer_id", "1001"}, c.goal...)...)
				call = "/aff_goal?a=lsr&goal_id=" + id + "&transaction_id=" + transaction
			}
			if c.before != "" {
				n.text(call + c.before)
			}
			rows := len(n.tune.Journal().Conversions)
			if got := n.text(call + c.query); got != c.answer {
				t.Errorf("answer %q, want %q", got, c.answer)
			}
			if c.status == "" {
				if got := len(n.tune.Journal().Conversions); got != rows {
					t.Errorf("%d rows, want %d", got, rows)
				}
				return
			}
			if row := n.lastRow(); row.Status != c.status || row.StatusCode != c.code {
				t.Errorf("row %s %s, want %s %s", row.Status, row.StatusCode, c.status, c.code)
			}
		})
	}
}

func TestUnknownTransactionIsNamedAsSent(t *testing.T) {
	n := start(t)
	got := n.text("/aff_lsr?transaction_id=1027c887059b47b")
	if want := "success=false; err_msg=Invalid Trans. ID #1027c887059b47b.;"; got != want {
		t.Errorf("answer %q, want %q", got, want)
	}
	calls := n.tune.Journal().Calls
	if len(calls) != 1 || calls[0].Reason != tune.InvalidTransaction || calls[0].ConversionID != "" {
		t.Errorf("journal %+v, want one call without a row", calls)
	}
}

func TestExpiredSession(t *testing.T) {
	n := start(t)
	transaction := n.click(n.offer("session_hours", "24"))
	n.clock.Set(n.clock.Now().Add(24*time.Hour + time.Second))
	assertContains(t, n.text("/aff_lsr?transaction_id="+transaction), "success=false; err_msg=Session expired")
	if row := n.lastRow(); row.ID != "" {
		t.Errorf("an expired session left row %+v", row)
	}
}

func TestPausedPolicies(t *testing.T) {
	cases := []struct {
		policy tune.PausedPolicy
		answer string
		rows   int
	}{
		{tune.IgnoreSilently, "success=true;", 0},
		{tune.IgnoreAloud, "success=false; err_msg=Offer #1001 is not active.;", 0},
		{tune.RecordPaused, "success=true;", 1},
	}
	for _, c := range cases {
		t.Run(string(c.policy), func(t *testing.T) {
			n := start(t, func(config *tune.Config) { config.PausedPolicy = c.policy })
			offer := n.offer()
			transaction := n.click(offer)
			n.set("Offer", offer, "status", "paused")
			if got := n.text("/aff_lsr?transaction_id=" + transaction); got != c.answer {
				t.Errorf("answer %q, want %q", got, c.answer)
			}
			if got := len(n.tune.Journal().Conversions); got != c.rows {
				t.Errorf("%d rows, want %d", got, c.rows)
			}
		})
	}
}

func TestUniqueIDsReplaceTheRepeatCheck(t *testing.T) {
	n := start(t, func(config *tune.Config) { config.UniqueIDs = true })
	offer := n.offer()
	first, second := n.click(offer), n.click(offer)
	for _, c := range []struct{ query, status, code string }{
		{first + "&conversion_unique_id=u1", "approved", "43"},
		{first + "&conversion_unique_id=u2", "approved", "43"},
		{second + "&conversion_unique_id=u1", "rejected", "18"},
	} {
		n.text("/aff_lsr?transaction_id=" + c.query)
		if row := n.lastRow(); row.Status != c.status || row.StatusCode != c.code {
			t.Errorf("%s: row %s %s, want %s %s", c.query[30:], row.Status, row.StatusCode, c.status, c.code)
		}
	}
}

func TestWhitelistForms(t *testing.T) {
	n := start(t)
	offer := n.offer("enable_offer_whitelist", "1", "allow_multiple_conversions", "1")
	for _, form := range []string{"192.0.2.7", "198.51.100.0-9", "203.0.113.0/25"} {
		if got := n.api("OfferWhitelist", "create", "data[offer_id]", offer, "data[content]", form); got.Status != 1 {
			t.Fatalf("whitelist %s: %s", form, got.ErrorMessage)
		}
	}
	transaction := n.click(offer)
	for ip, status := range map[string]string{
		"192.0.2.7": "approved", "192.0.2.8": "rejected", "198.51.100.9": "approved", "198.51.100.10": "rejected",
		"203.0.113.127": "approved", "203.0.113.128": "rejected",
	} {
		request, err := http.NewRequest(http.MethodGet, n.url+"/aff_lsr?transaction_id="+transaction, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Backstop-Source-Ip", ip)
		response, err := n.http.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if row := n.lastRow(); row.Status != status {
			t.Errorf("from %s: %s, want %s", ip, row.Status, status)
		}
	}
	if got := n.api("OfferWhitelist", "create", "data[offer_id]", offer, "data[content]", "everyone"); got.Status != -1 {
		t.Error("a whitelist entry that is no address was taken")
	}
}

func TestRowCarriesMoneyAndAdvSub(t *testing.T) {
	n := start(t)
	offer := n.offer("payout_type", "cpa_percentage", "percent_payout", "12.5", "revenue_type", "cpa_both", "max_percent_payout", "20")
	transaction := n.click(offer)
	n.text("/aff_lsr?transaction_id=" + transaction + "&amount=9.99&adv_sub=" + strings.Repeat("é", 501))
	row := n.lastRow()
	if row.SaleAmount != "9.99000" || row.Payout != "1.24875" || row.Revenue != "4.59800" || row.Currency != "USD" {
		t.Errorf("sale %s, payout %s, revenue %s %s", row.SaleAmount, row.Payout, row.Revenue, row.Currency)
	}
	if row.AdvertiserInfo != strings.Repeat("é", 500) {
		t.Errorf("adv_sub kept %d bytes, want 500 characters", len(row.AdvertiserInfo))
	}
	other := n.click(n.offer())
	n.text("/aff_lsr?transaction_id=" + other + "&payout=3.5&revenue=oops")
	if row := n.lastRow(); row.Payout != "3.50000" || row.Revenue != "2.60000" {
		t.Errorf("payout %s, revenue %s, want the sent payout and the offer's revenue", row.Payout, row.Revenue)
	}
}

func TestPostbackIsGetOnly(t *testing.T) {
	n := start(t)
	response, err := n.http.Post(n.url+"/aff_lsr?transaction_id=x", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed || len(n.tune.Journal().Calls) != 0 {
		t.Errorf("POST: status %d, %d calls journaled", response.StatusCode, len(n.tune.Journal().Calls))
	}
}
