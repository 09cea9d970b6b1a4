package route_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"backstop/ingest"
	"backstop/ingest/route"
)

const token = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// good is a routes file without a mistake; each test of a mistake changes one thing of it.
const good = `version: "7"
sources:
  appsflyer:
    tokens: ["` + token + `"]
    ip_ranges: [192.0.2.0/24]
    on_store_failure: stall
    rejected_when: params.is_rejected == "1"
destinations:
  tune:
    base_url: https://network.example.org
    url: "{+base}/aff_lsr{?transaction_id,adv_sub,key}"
    timeout: 5s
    concurrency: 20
    secrets: {key: backstop/tune#security_token}
routes:
  - name: install
    when: source == "appsflyer"
    to: tune
    set: {transaction_id: params.clickid, adv_sub: postback_id}
    mode: shadow
`

func parse(t *testing.T, text string) *route.Set {
	t.Helper()
	set, err := route.Parse("routes.yaml", []byte(text), route.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestAGoodFileSaysAllThatItSays(t *testing.T) {
	set := parse(t, good)
	source, known := set.Source("appsflyer")
	if !known || source.Name != "appsflyer" || source.OnStoreFailure != ingest.FailByStall || len(source.Networks) != 1 || source.TokenHashes[0][0] != 0x9f {
		t.Errorf("source %+v, known %v", source, known)
	}
	if _, known := set.Source("adjust"); known {
		t.Error("an unknown source is known")
	}
	want := route.Destination{Name: "tune", BaseURL: "https://network.example.org", URL: "{+base}/aff_lsr{?transaction_id,adv_sub,key}",
		Timeout: 5e9, Concurrency: 20, Secrets: map[string]route.SecretName{"key": {"backstop/tune", "security_token"}}}
	got := set.Destinations[0]
	if got.Name != want.Name || got.BaseURL != want.BaseURL || got.URL != want.URL || got.Timeout != want.Timeout || got.Concurrency != want.Concurrency ||
		!reflect.DeepEqual(got.Secrets, want.Secrets) {
		t.Errorf("destination %+v", got)
	}
	decision := set.Decide(ingest.Postback{ID: "p", Source: "appsflyer", Verdict: ingest.VerdictOK, RawQuery: "ClickID=102"})
	if !reflect.DeepEqual(decision, ingest.Decision{Route: "install", Destination: "tune", Shadow: true,
		Variables: map[string]string{"transaction_id": "102", "adv_sub": "p", "offer_id": "", "goal_id": ""}}) {
		t.Errorf("decision %+v", decision)
	}
	if other := parse(t, strings.Replace(good, "5s", "6s", 1)); !strings.HasPrefix(set.Version(), "7-") || other.Version() == set.Version() {
		t.Errorf("versions %s and %s", set.Version(), other.Version())
	}
}

func TestEachMistakeIsToldWithItsPlaceAndItsMend(t *testing.T) {
	tests := []struct {
		name, old, new string
		says           []string
	}{
		{"unknown key above", `version: "7"`, "version: \"7\"\nrouts: []", []string{"routes.yaml:2: routs: is not a known key", "use one of version, sources, destinations, routes"}},
		{"unknown key of a source", "on_store_failure", "on_failure", []string{"routes.yaml:6: sources.appsflyer.on_failure: is not a known key"}},
		{"unknown key of a destination", "timeout: 5s", "timeout: 5s\n    timeot: 5s", []string{"destinations.tune.timeot: is not a known key"}},
		{"unknown key of a route", "mode:", "mod:", []string{"routes.yaml:20: routes.0.mod: is not a known key"}},
		{"no version", `version: "7"` + "\n", "", []string{"version: is missing", `such as version: "1"`}},
		{"no sources", "sources:", "sources: {}\nsorces:", []string{"sources: has no source"}},
		{"a list where a mapping belongs", "  appsflyer:\n", "  adjust: []\n  appsflyer:\n", []string{"sources.adjust: is not a mapping"}},
		{"a mapping where a text belongs", "timeout: 5s", "timeout: {a: b}", []string{"destinations.tune.timeout: is not a single value"}},
		{"a text where a list belongs", `["` + token + `"]`, token, []string{"sources.appsflyer.tokens: is not a list"}},
		{"the name of a source twice", "  appsflyer:\n", "  appsflyer: {}\n  appsflyer:\n", []string{"sources.appsflyer: is there twice", "keep one"}},
		{"the name of a destination twice", "  tune:\n", "  tune: {}\n  tune:\n", []string{"destinations.tune: is there twice"}},
		{"the name of a route twice", "    mode: shadow\n", "  - {name: install, when: verified, to: tune}\n", []string{`routes.1.name: "install" names two routes`}},
		{"a source called unknown", "  appsflyer:", "  unknown:", []string{`"unknown" is no name for a source`}},
		{"no token", `["` + token + `"]`, "[]", []string{"sources.appsflyer.tokens: has 0 tokens"}},
		{"three tokens", `["` + token + `"]`, "[a, b, c]", []string{"has 3 tokens", "one token, or two"}},
		{"a token instead of its hash", token, "geheim", []string{"sources.appsflyer.tokens.0: is no token hash", "sha256sum"}},
		{"a short hash", token, "sha256:9f86", []string{"tokens.0: is no token hash"}},
		{"a wrong range", "192.0.2.0/24", "192.0.2.0-255", []string{`ip_ranges.0: "192.0.2.0-255" is no address range`, "192.0.2.0/24"}},
		{"a wrong policy", "stall", "retry", []string{`on_store_failure: "retry" is not possible`, "error, stall"}},
		{"a wrong mode", "mode: shadow", "mode: dark", []string{`routes.0.mode: "dark" is not possible`, "live, shadow"}},
		{"a bad rejected_when", `params.is_rejected == "1"`, `params.is_rejected = "1"`, []string{"sources.appsflyer.rejected_when: is no condition"}},
		{"a rejected_when that is no yes or no", `params.is_rejected == "1"`, `params.is_rejected`, []string{"rejected_when: is no condition", "true or false"}},
		{"a bad condition", `when: source == "appsflyer"`, `when: sorce == "appsflyer"`, []string{"routes.yaml:17: routes.0.when: is no condition", "sorce"}},
		{"a condition on the clock", `when: source == "appsflyer"`, `when: now().Hour() == 1`, []string{"routes.0.when: is no condition"}},
		{"no condition", `    when: source == "appsflyer"` + "\n", "", []string{"routes.0.when: is missing"}},
		{"an unknown destination", "to: tune", "to: tuna", []string{`routes.0.to: there is no destination "tuna"`}},
		{"a bad variable", "params.clickid", "clickid", []string{"routes.0.set.transaction_id: is no expression", `"text" in quotes`}},
		{"a variable that the template lacks", "adv_sub: postback_id", "adv_sab: postback_id", []string{"routes.0.set: the template of tune has no {adv_sab}"}},
		{"a variable that is a secret", "adv_sub: postback_id", "key: postback_id", []string{"routes.0.set: key is a secret of tune"}},
		{"a variable called base", "adv_sub: postback_id", "base: postback_id", []string{`"base" is no name for a variable`}},
		{"a bad template", "{?transaction_id,adv_sub,key}", "{?transaction_id", []string{"destinations.tune.url: is no RFC 6570 template"}},
		{"a host from a postback", "{+base}/aff_lsr", "https://{host}/aff_lsr", []string{"destinations.tune.url: does not begin with {+base}/"}},
		{"no URL", `    url: "{+base}/aff_lsr{?transaction_id,adv_sub,key}"` + "\n", "", []string{"destinations.tune.url: is missing"}},
		{"a secret that the template lacks", "adv_sub,key}", "adv_sub}", []string{"destinations.tune.secrets: the template has no {key}"}},
		{"a secret instead of its name", "backstop/tune#security_token", "geheim", []string{"secrets.key: names no secret", "secret-name#field"}},
		{"http", "https://network", "http://network", []string{`destinations.tune.base_url: has the scheme "http"`, "use https"}},
		{"no host", "https://network.example.org", "network.example.org", []string{"base_url: is no plain address"}},
		{"a password in the address", "https://network", "https://me:geheim@network", []string{"base_url: is no plain address"}},
		{"no timeout", "    timeout: 5s\n", "", []string{"destinations.tune.timeout: is missing"}},
		{"a wrong timeout", "timeout: 5s", "timeout: soon", []string{`timeout: "soon" is no duration`, "write it as 5s"}},
		{"a negative timeout", "timeout: 5s", "timeout: -5s", []string{`timeout: "-5s" is no duration above zero`}},
		{"a wrong concurrency", "concurrency: 20", "concurrency: 0", []string{`concurrency: "0" is no number from 1 to 1000`}},
		{"no YAML", "sources:", "sources: [", []string{"routes.yaml: is no YAML"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(good, test.old) {
				t.Fatalf("the good file has no %q", test.old)
			}
			_, err := route.Parse("routes.yaml", []byte(strings.Replace(good, test.old, test.new, 1)), route.Options{})
			if err == nil {
				t.Fatal("the mistake is not seen")
			}
			for _, want := range test.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("lacks %q:\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("shows what may be a secret: %v", err)
			}
		})
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	_, err := route.Parse("routes.yaml", []byte(strings.NewReplacer("timeout: 5s", "timeout: soon", "to: tune", "to: tuna").Replace(good)), route.Options{})
	if problems := route.Problems(err); len(problems) != 2 || problems[0].Path != "destinations.tune.timeout" || problems[1].Line != 18 {
		t.Errorf("problems %+v", problems)
	}
	if problems := route.Problems(errors.New("another")); problems != nil {
		t.Errorf("another error has problems %v", problems)
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	if _, err := route.Load(filepath.Join(t.TempDir(), "none.yaml"), route.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := route.Parse("routes.yaml", nil, route.Options{}); err == nil || !strings.Contains(err.Error(), "routes.yaml: is empty") {
		t.Errorf("an empty file: %v", err)
	}
}

func TestHTTPNeedsTheSwitchAndThisMachine(t *testing.T) {
	tests := []struct {
		address string
		allow   bool
		right   bool
	}{
		{"http://127.0.0.1:8080", true, true},
		{"http://localhost:8080", true, true},
		{"http://[::1]:8080", true, true},
		{"http://127.0.0.1:8080", false, false},
		{"http://192.0.2.1", true, false},
		{"http://127.0.0.1.example.org", true, false},
		{"ftp://127.0.0.1", true, false},
		{"https://network.example.org", false, true},
	}
	for _, test := range tests {
		text := strings.Replace(good, "https://network.example.org", test.address, 1)
		_, err := route.Parse("routes.yaml", []byte(text), route.Options{AllowLoopback: test.allow})
		if (err == nil) != test.right {
			t.Errorf("%s, loopback allowed %v: %v", test.address, test.allow, err)
		}
	}
}

func TestConditions(t *testing.T) {
	tests := []struct {
		when, query string
		selects     bool
	}{
		{`params.event_name == "purchase"`, "event_name=purchase", true},
		{`params.event_name == "purchase"`, "EVENT_NAME=purchase", true},
		{`params.event_name == "purchase"`, "", false},
		{`params.event_name in ["", "install"]`, "", true},
		{`"event_name" in params`, "", false},
		{`"event_name" in params`, "event_name=", true},
		{`params.n == "1"`, "n=1&n=2", true},
		{`int(params.n) > 3`, "n=4", true},
		{`int(params.n) > 3`, "n=many", false},
		{`int(params.n) > 3`, "", false},
		{`params.s startsWith "1"`, "", false},
		{`params["af-sub"] == "x"`, "af-sub=x", true},
		{`verified and source == "appsflyer"`, "", true},
		{`not verified`, "", false},
	}
	for _, test := range tests {
		set := parse(t, strings.Replace(good, `source == "appsflyer"`, "'"+test.when+"'", 1))
		decision := set.Decide(ingest.Postback{Source: "appsflyer", Verdict: ingest.VerdictOK, RawQuery: test.query})
		if (decision.Route == "install") != test.selects {
			t.Errorf("%s on %q: %q", test.when, test.query, decision.Route)
		}
	}
}

func TestURLs(t *testing.T) {
	destination := parse(t, good).Destinations[0]
	tests := []struct {
		name    string
		values  map[string]string
		secrets map[string]string
		want    string
	}{
		{"in the template's order", map[string]string{"adv_sub": "p", "transaction_id": "102"}, nil, "/aff_lsr?transaction_id=102&adv_sub=p"},
		{"what is empty is left out", map[string]string{"adv_sub": "p", "transaction_id": ""}, nil, "/aff_lsr?adv_sub=p"},
		{"nothing at all", nil, nil, "/aff_lsr"},
		{"nothing breaks out of its place", map[string]string{"adv_sub": "a&b=c#d/é %"}, nil, "/aff_lsr?adv_sub=a%26b%3Dc%23d%2F%C3%A9%20%25"},
		{"what is no text", map[string]string{"adv_sub": "\xff日"}, nil, "/aff_lsr?adv_sub=%FF%E6%97%A5"},
		{"a secret", map[string]string{"adv_sub": "p"}, map[string]string{"key": "s3cret"}, "/aff_lsr?adv_sub=p&key=s3cret"},
		{"base is not to be had", map[string]string{"base": "https://evil.example.org", "adv_sub": "p"}, nil, "/aff_lsr?adv_sub=p"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := destination.Expand(test.values, test.secrets)
			if want := "https://network.example.org" + test.want; err != nil || got != want {
				t.Errorf("got %s, want %s (%v)", got, want, err)
			}
		})
	}
}
