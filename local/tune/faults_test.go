package tune_test

import (
	"net/http"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"backstop/local/tune"
)

func TestInjectedFaults(t *testing.T) {
	cases := []struct {
		fault tune.Fault
		code  int // 0 means no answer
		rows  int
	}{
		{tune.Fault{Kind: tune.Unavailable}, http.StatusServiceUnavailable, 0},
		{tune.Fault{Kind: tune.ResetBefore}, 0, 0},
		{tune.Fault{Kind: tune.ResetAfter}, 0, 1},
		{tune.Fault{Kind: tune.Slow, Delay: time.Millisecond}, http.StatusOK, 1},
	}
	for _, c := range cases {
		t.Run(string(c.fault.Kind), func(t *testing.T) {
			n := start(t)
			transaction := n.click(n.offer())
			// net/http repeats a GET on a reused connection that was reset: every call gets a new one, as after a long pause.
			n.http.Transport = &http.Transport{DisableKeepAlives: true}
			n.tune.Inject(c.fault)
			response, err := n.http.Get(n.url + "/aff_lsr?transaction_id=" + transaction)
			code := 0
			if err == nil {
				code = response.StatusCode
				response.Body.Close()
			}
			journal := n.tune.Journal()
			if code != c.code || len(journal.Conversions) != c.rows {
				t.Errorf("code %d with %d rows, want %d with %d", code, len(journal.Conversions), c.code, c.rows)
			}
			if len(journal.Calls) != 1 || journal.Calls[0].Fault != c.fault.Kind {
				t.Errorf("journal %+v, want one call with the fault", journal.Calls)
			}
		})
	}
}

func TestFaultsFollowTheSeed(t *testing.T) {
	outcomes := func(seed uint64) (codes []int) {
		n := start(t, func(c *tune.Config) { c.Seed, c.Faults = seed, tune.Faults{Unavailable: 0.5} })
		for range 40 {
			codes = append(codes, n.get("/aff_lsr?transaction_id=x").StatusCode)
		}
		return codes
	}
	first := outcomes(1)
	if !reflect.DeepEqual(first, outcomes(1)) {
		t.Error("the same seed gave other faults")
	}
	if reflect.DeepEqual(first, outcomes(2)) {
		t.Error("another seed gave the same 40 outcomes")
	}
}

func TestMaintenanceClosesEverything(t *testing.T) {
	n := start(t)
	n.tune.SetFaults(tune.Faults{Maintenance: true})
	for _, path := range []string{"/aff_c?offer_id=1001", "/aff_lsr?transaction_id=x", "/Apiv3/json"} {
		if got := n.get(path).StatusCode; got != http.StatusServiceUnavailable {
			t.Errorf("%s: %d, want 503", path, got)
		}
	}
}

func TestSavedAccountGoesOn(t *testing.T) {
	n := start(t)
	offer := n.offer()
	transaction := n.click(offer)
	n.text("/aff_lsr?transaction_id=" + transaction + "&adv_sub=a")
	file := filepath.Join(t.TempDir(), "tune.json")
	if err := n.tune.Save(file); err != nil {
		t.Fatal(err)
	}
	again := start(t)
	if err := again.tune.Load(file); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.tune.Journal(), n.tune.Journal()) {
		t.Error("the loaded journal differs from the saved one")
	}
	if got := again.text("/aff_lsr?transaction_id=" + transaction); got != "success=false; err_msg=Duplicate conversion.;" {
		t.Errorf("a repeat after loading: %q", got)
	}
	if again.click(offer) == transaction {
		t.Error("a click after loading repeats a transaction id")
	}
	if err := again.tune.Load(filepath.Join(t.TempDir(), "absent.json")); err == nil {
		t.Error("loading an absent file succeeded")
	}
}
