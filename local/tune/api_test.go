package tune_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"backstop/local/tune"
)

type page struct {
	Page, Current, Count, PageCount int
	Data                            json.RawMessage
}

// ids reads the ids of a dict-keyed answer in the order in which they were written.
func ids(t *testing.T, dict json.RawMessage) []string {
	t.Helper()
	if string(dict) == "[]" {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(string(dict)))
	var found []string
	for depth := 0; ; {
		token, err := dec.Token()
		if err != nil {
			return found
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth == 1 {
				found = append(found, v)
			}
		}
	}
}

func withConversions(t *testing.T, count int, change ...func(*tune.Config)) *network {
	t.Helper()
	n := start(t, change...)
	offer := n.offer("allow_multiple_conversions", "1")
	transaction := n.click(offer)
	for i := range count {
		n.clock.Set(n.clock.Now().Add(time.Minute))
		n.text(fmt.Sprintf("/aff_lsr?transaction_id=%s&adv_sub=p%d", transaction, i))
	}
	return n
}

func TestConversionsAreDictKeyedPages(t *testing.T) {
	n := withConversions(t, 7)
	var got []string
	for number := 1; number <= 3; number++ {
		var p page
		answer := n.api("Conversion", "findAll", "limit", "3", "page", strconv.Itoa(number), "sort[id]", "asc")
		if err := json.Unmarshal(answer.Data, &p); err != nil {
			t.Fatal(err)
		}
		if p.Page != number || p.Count != 7 || p.PageCount != 3 || p.Current != len(ids(t, p.Data)) {
			t.Errorf("page %d: %+v", number, p)
		}
		got = append(got, ids(t, p.Data)...)
	}
	if want := "500001 500002 500003 500004 500005 500006 500007"; strings.Join(got, " ") != want {
		t.Errorf("sorted pages hold %v", got)
	}
}

func TestUnsortedListingsComeInChangingOrder(t *testing.T) {
	n := withConversions(t, 20)
	first := ids(t, n.api("Conversion", "findAll").Data)
	second := ids(t, n.api("Conversion", "findAll").Data)
	if strings.Join(first, " ") == strings.Join(second, " ") {
		t.Error("two unsorted listings came in the same order")
	}
	sort.Strings(first)
	sort.Strings(second)
	if strings.Join(first, " ") != strings.Join(second, " ") || len(first) != 20 {
		t.Errorf("unpaged listings differ in content: %v, %v", first, second)
	}
}

func TestConversionFilters(t *testing.T) {
	n := withConversions(t, 5) // at 10:31 to 10:35 in New York
	n.api("Conversion", "updateStatus", "tune_event_id", "500002", "status", "rejected")
	cases := []struct {
		name    string
		filters []string
		want    string
	}{
		{"equal", []string{"filters[status]", "rejected"}, "500002"},
		{"one of", []string{"filters[id][]", "500001", "filters[id][]", "500004"}, "500001 500004"},
		{"window", []string{"filters[datetime][GREATER_THAN_OR_EQUAL_TO]", "2026-11-19 10:33:00", "filters[datetime][LESS_THAN]", "2026-11-19 10:35:00"}, "500003 500004"},
		{"between", []string{"filters[datetime][conditional]", "BETWEEN", "filters[datetime][values][]", "2026-11-19 10:31:00", "filters[datetime][values][]", "2026-11-19 10:32:00"}, "500001 500002"},
		{"numbers", []string{"filters[id][GREATER_THAN]", "500004"}, "500005"},
		{"not", []string{"filters[id][NOT_EQUAL_TO]", "500001", "filters[status]", "approved"}, "500003 500004 500005"},
		{"or", []string{"filters[OR][status]", "rejected", "filters[OR][id]", "500005"}, "500002 500005"},
		{"like", []string{"filters[advertiser_info][LIKE]", "%p4%"}, "500005"},
		{"null", []string{"filters[source][NOT_NULL]", ""}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := ids(t, n.api("Conversion", "findAll", append(c.filters, "sort[id]", "asc")...).Data)
			if strings.Join(got, " ") != c.want {
				t.Errorf("found %v, want %s", got, c.want)
			}
		})
	}
	if got := n.api("Conversion", "findAll", "filters[nonsense]", "1"); got.Status != -1 {
		t.Error("an unknown field was filtered")
	}
	if got := n.api("Conversion", "findAll", "filters[id][NEARLY]", "1"); got.Status != -1 {
		t.Error("an unknown operator was taken")
	}
}

func TestConversionShape(t *testing.T) {
	n := withConversions(t, 1)
	var found map[string]map[string]string
	if err := json.Unmarshal(n.api("Conversion", "findById", "tune_event_id", "500001").Data, &found); err != nil {
		t.Fatal(err)
	}
	row := found["Conversion"]
	for field, want := range map[string]string{
		"id": "500001", "tune_event_id": "500001", "datetime": "2026-11-19 10:31:00", "session_datetime": "2026-11-19 10:30:00",
		"payout": "2.00000", "revenue": "2.60000", "sale_amount": "0.00000", "advertiser_info": "p0", "affiliate_info1": "one",
		"affiliate_id": "2002", "goal_id": "0", "status": "approved", "status_code": "43", "is_adjustment": "0", "currency": "USD",
	} {
		if row[field] != want {
			t.Errorf("%s = %q, want %q", field, row[field], want)
		}
	}
	if got := n.api("Conversion", "findById", "tune_event_id", "9"); string(got.Data) != "null" || got.Status != 1 {
		t.Errorf("an unknown id: status %d, data %s", got.Status, got.Data)
	}
	var trimmed map[string]map[string]map[string]string
	answer := n.api("Conversion", "findAll", "fields[]", "status", "fields[]", "payout")
	if err := json.Unmarshal(answer.Data, &trimmed); err != nil {
		t.Fatal(err)
	}
	if got := trimmed["500001"]["Conversion"]; len(got) != 3 || got["id"] == "" || got["payout"] != "2.00000" {
		t.Errorf("fields[]: %v", got)
	}
}

func TestEmptyListings(t *testing.T) {
	n := start(t)
	if got := n.api("Conversion", "findAll"); string(got.Data) != "[]" {
		t.Errorf("without limit: %s", got.Data)
	}
	var p page
	if err := json.Unmarshal(n.api("Conversion", "findAll", "limit", "10").Data, &p); err != nil || string(p.Data) != "[]" {
		t.Errorf("with limit: %+v (%v)", p, err)
	}
}

func TestAdjustment(t *testing.T) {
	n := start(t)
	offer := n.offer()
	got := n.api("Conversion", "create", "data[offer_id]", offer, "data[affiliate_id]", "2002", "data[payout]", "-4", "data[revenue]", "-5.2")
	if got.Status != 1 {
		t.Fatalf("create: %s", got.ErrorMessage)
	}
	if row := n.lastRow(); !row.Adjustment || row.StatusCode != "52" || row.Status != "approved" || row.Payout != "-4.00000" || row.Revenue != "-5.20000" {
		t.Errorf("adjustment %+v", row)
	}
	for _, bad := range [][]string{{"data[offer_id]", "9"}, {"data[offer_id]", offer, "data[payout]", "much"}, {"data[offer_id]", offer, "data[id]", "1"}} {
		if got := n.api("Conversion", "create", bad...); got.Status != -1 || len(got.Errors) != 1 {
			t.Errorf("create %v: status %d", bad, got.Status)
		}
	}
}

func TestStatusUpdateRefusals(t *testing.T) {
	n := withConversions(t, 1)
	for _, bad := range [][]string{{"tune_event_id", "9", "status", "approved"}, {"tune_event_id", "500001", "status", "fine"}} {
		if got := n.api("Conversion", "updateStatus", bad...); got.Status != -1 {
			t.Errorf("updateStatus %v was taken", bad)
		}
	}
}

func TestModifiedChangesWithEachUpdate(t *testing.T) {
	n := start(t)
	offer := n.offer()
	goal := n.create("Goal", "offer_id", offer)
	for target, id := range map[string]string{"Offer": offer, "Goal": goal} {
		n.clock.Set(n.clock.Now().Add(90 * time.Second))
		n.set(target, id, "default_payout", "3.25")
		var found map[string]map[string]string
		if err := json.Unmarshal(n.api(target, "findById", "id", id).Data, &found); err != nil {
			t.Fatal(err)
		}
		if want := strconv.FormatInt(n.clock.Now().Unix(), 10); found[target]["modified"] != want || found[target]["default_payout"] != "3.25" {
			t.Errorf("%s: modified %s, payout %s, want %s", target, found[target]["modified"], found[target]["default_payout"], want)
		}
	}
}

func TestValidationNamesTheField(t *testing.T) {
	n := start(t)
	offer := n.offer()
	cases := []struct{ target, method, attribute, pairs string }{
		{"Offer", "create", "name", ""},
		{"Offer", "create", "nonsense", "data[name]=a&data[nonsense]=1"},
		{"Offer", "create", "default_payout", "data[name]=a&data[default_payout]=two"},
		{"Offer", "create", "status", "data[name]=a&data[status]=asleep"},
		{"Goal", "create", "offer_id", "data[name]=a&data[offer_id]=9"},
		{"Offer", "updateField", "id", "id=9&field=status&value=paused"},
		{"Offer", "updateField", "status", "id=" + offer + "&field=status&value=asleep"},
		{"Offer", "updateField", "modified", "id=" + offer + "&field=modified&value=1"},
	}
	for _, c := range cases {
		form, err := url.ParseQuery(c.pairs)
		if err != nil {
			t.Fatal(err)
		}
		var pairs []string
		for key, values := range form {
			pairs = append(pairs, key, values[0])
		}
		got := n.api(c.target, c.method, pairs...)
		if got.Status != -1 || len(got.Errors) != 1 || got.Errors[0].Attribute != c.attribute {
			t.Errorf("%s::%s %s: status %d, errors %+v", c.target, c.method, c.pairs, got.Status, got.Errors)
		}
	}
	if got := n.api("Offer", "explode"); got.Status != -1 {
		t.Error("an unknown method was taken")
	}
}

func TestAPIByPostForm(t *testing.T) {
	n := start(t)
	form := url.Values{"NetworkToken": {token}, "Target": {"Offer"}, "Method": {"create"}, "data[name]": {"by post"}, "return_object": {"1"}}
	response, err := n.http.PostForm(n.url+"/Apiv3/json", form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var envelope struct {
		Request  map[string]any
		Response struct {
			Status int
			Data   map[string]map[string]string
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&envelope); err != nil {
		t.Fatal(err)
	}
	if envelope.Response.Data["Offer"]["name"] != "by post" || envelope.Request["Target"] != "Offer" || response.Header.Get("X-Request-Id") == "" {
		t.Errorf("answer %+v", envelope)
	}
}

func TestBadCredentialsAnswerAnObjectOfErrors(t *testing.T) {
	n := start(t)
	for query, message := range map[string]string{
		"NetworkToken=wrong": "Network token is not valid", "NetworkId=other&NetworkToken=" + token: "Network id is not valid",
	} {
		response := n.get("/Apiv3/json?" + query)
		var envelope struct {
			Response struct{ Errors map[string]string }
		}
		if err := json.NewDecoder(response.Body).Decode(&envelope); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusOK || envelope.Response.Errors["publicMessage"] != message {
			t.Errorf("%s: %d %+v", query, response.StatusCode, envelope)
		}
	}
}

func TestRateLimitAnswers200(t *testing.T) {
	n := start(t, func(c *tune.Config) { c.CallsPer10s = 3 })
	for range 3 {
		if got := n.api("Offer", "findAll"); got.Status != 1 {
			t.Fatalf("within the limit: %s", got.ErrorMessage)
		}
	}
	got := n.api("Offer", "findAll")
	if got.Status != -1 || string(got.Data) != `""` {
		t.Errorf("over the limit: status %d, data %s", got.Status, got.Data)
	}
	assertContains(t, got.ErrorMessage, "API usage exceeded rate limit.  Configured: 3/10s window; Your usage: 4.")
}

func TestWideWindowsTimeOut(t *testing.T) {
	n := start(t, func(c *tune.Config) { c.WidestDays = 10 })
	for window, code := range map[string]int{
		"filters[datetime][GREATER_THAN_OR_EQUAL_TO]=2026-11-10&filters[datetime][LESS_THAN]=2026-11-20": http.StatusOK,
		"filters[datetime][GREATER_THAN_OR_EQUAL_TO]=2026-11-10&filters[datetime][LESS_THAN]=2026-11-21": http.StatusGatewayTimeout,
		"filters[datetime][GREATER_THAN_OR_EQUAL_TO]=2026-11-10":                                         http.StatusGatewayTimeout,
	} {
		if got := n.get("/Apiv3/json?NetworkToken=" + token + "&Target=Conversion&Method=findAll&" + window).StatusCode; got != code {
			t.Errorf("%s: %d, want %d", window, got, code)
		}
	}
}

func TestVisibilityLag(t *testing.T) {
	n := withConversions(t, 10, func(c *tune.Config) { c.VisibilityLag = 15 * time.Minute })
	early := len(ids(t, n.api("Conversion", "findAll").Data))
	n.clock.Set(n.clock.Now().Add(15 * time.Minute))
	if late := len(ids(t, n.api("Conversion", "findAll").Data)); early >= 10 || late != 10 {
		t.Errorf("%d rows at once, %d after the lag, want fewer than 10, then 10", early, late)
	}
}

func TestDateHeaderIsTheClocks(t *testing.T) {
	n := start(t)
	for _, path := range []string{"/aff_c", "/aff_lsr", "/Apiv3/json", "/nowhere"} {
		if got, want := n.get(path).Header.Get("Date"), "Thu, 19 Nov 2026 15:30:00 GMT"; got != want {
			t.Errorf("%s: Date %q, want %q", path, got, want)
		}
	}
}

func TestWholeListingsAreJournaled(t *testing.T) {
	n := start(t)
	n.offer()
	n.offer()
	n.api("Offer", "findAll")
	n.api("Offer", "findAll", "filters[status]", "active")
	n.api("Offer", "findAll", "limit", "1", "page", "1", "sort[id]", "asc")
	n.api("Offer", "findAll", "limit", "1", "page", "2", "sort[id]", "asc")
	n.api("Goal", "findAll")
	var targets []string
	for _, l := range n.tune.Journal().Listings {
		targets = append(targets, l.Target)
	}
	if got := strings.Join(targets, " "); got != "Offer Offer Goal" {
		t.Errorf("journaled listings %q, want the whole one, the last page, and the goals", got)
	}
}
