package route

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"backstop/ingest"
)

func (d *document) set(n node, options Options) *Set {
	top := d.fields(n, "version", "sources", "destinations", "routes")
	set := &Set{
		version: d.required(top["version"], "write the version of this file, such as version: \"1\""),
		sources: map[string]Source{},
	}
	names, sources := d.mapping(top["sources"])
	for _, name := range names {
		source := d.source(name, sources[name])
		set.Sources, set.sources[name] = append(set.Sources, source), source
	}
	if len(names) == 0 {
		d.complain(top["sources"], "has no source", "name at least one sender with its tokens")
	}
	names, destinations := d.mapping(top["destinations"])
	for _, name := range names {
		set.Destinations = append(set.Destinations, d.destination(name, destinations[name], options))
	}
	for _, item := range d.list(top["routes"]) {
		set.Routes = append(set.Routes, d.route(item, set))
	}
	return set
}

func (d *document) source(name string, n node) Source {
	fields := d.fields(n, "tokens", "ip_ranges", "on_store_failure", "rejected_when")
	if !variableName.MatchString(name) || name == ingest.UnknownSource {
		d.complain(n, fmt.Sprintf("%q is no name for a source", name), "use lower-case letters, digits and _, but not "+ingest.UnknownSource)
	}
	source := Source{RejectedWhen: d.text(fields["rejected_when"])}
	source.Name = name
	source.OnStoreFailure = ingest.StoreFailure(d.choice(fields["on_store_failure"], string(ingest.FailWithError),
		string(ingest.FailWithError), string(ingest.FailByStall)))
	source.Networks = d.networks(fields["ip_ranges"])
	d.tokens(&source, fields["tokens"])
	if source.RejectedWhen != "" {
		source.rejected = d.condition(fields["rejected_when"])
	}
	return source
}

func (d *document) tokens(source *Source, n node) {
	const mend = "write sha256: and the 64 hex digits of the token's SHA-256 (printf %s TOKEN | sha256sum)"
	items := d.list(n)
	if len(items) < 1 || len(items) > len(source.TokenHashes) {
		d.complain(n, fmt.Sprintf("has %d tokens", len(items)), "give one token, or two while you change it")
		return
	}
	for i, item := range items {
		digits, prefixed := strings.CutPrefix(d.text(item), "sha256:")
		hash, err := hex.DecodeString(digits)
		if !prefixed || err != nil || len(hash) != sha256.Size {
			d.complain(item, "is no token hash", mend) // never shown: it may be the token itself
			continue
		}
		copy(source.TokenHashes[i][:], hash)
	}
}

func (d *document) networks(n node) []netip.Prefix {
	var networks []netip.Prefix
	for _, item := range d.list(n) {
		network, err := netip.ParsePrefix(d.text(item))
		if err != nil {
			d.complain(item, fmt.Sprintf("%q is no address range", d.text(item)), "write it as 192.0.2.0/24")
			continue
		}
		networks = append(networks, network)
	}
	return networks
}

func (d *document) destination(name string, n node, options Options) Destination {
	fields := d.fields(n, "base_url", "url", "timeout", "concurrency", "secrets")
	destination := Destination{
		Name:        name,
		BaseURL:     d.baseURL(fields["base_url"], options),
		URL:         d.required(fields["url"], "write an RFC 6570 template such as {+base}/aff_lsr{?transaction_id}"),
		Timeout:     d.duration(fields["timeout"], "write it as 5s"),
		Concurrency: d.concurrency(fields["concurrency"]),
		Secrets:     d.secrets(fields["secrets"]),
	}
	if destination.URL == "" {
		return destination
	}
	parsed, err := parseTemplate(destination.URL)
	if err != nil {
		d.complain(fields["url"], err.Error(), "see section 2 of RFC 6570 for the forms that exist")
		return destination
	}
	destination.template = parsed
	if !startsAtBase(destination.URL) {
		d.complain(fields["url"], "does not begin with {+base}/", "let base_url alone say where it goes")
	}
	for variable := range destination.Secrets {
		if !slices.Contains(parsed.names(), variable) {
			d.complain(fields["secrets"], fmt.Sprintf("the template has no {%s}", variable), "use it in url or take it out of secrets")
		}
	}
	return destination
}

func (d *document) baseURL(n node, options Options) string {
	const mend = "write it as https://network.example.org"
	text := d.required(n, mend)
	if text == "" {
		return ""
	}
	address, err := url.Parse(text)
	switch {
	case err != nil || address.Host == "" || address.User != nil || address.RawQuery != "" || address.Fragment != "":
		d.complain(n, "is no plain address", mend)
	case address.Scheme == "http" && options.AllowLoopback && isLoopback(address.Hostname()):
	case address.Scheme != "https":
		d.complain(n, fmt.Sprintf("has the scheme %q", address.Scheme), "use https; http is only for this machine, with the loopback switch on")
	}
	return text
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (d *document) concurrency(n node) int {
	const mend = "write how many sends may run at a time, such as 20"
	text := d.required(n, mend)
	if text == "" {
		return 0
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > 1000 {
		d.complain(n, fmt.Sprintf("%q is no number from 1 to 1000", text), mend)
	}
	return number
}

func (d *document) secrets(n node) map[string]SecretName {
	secrets := map[string]SecretName{}
	names, values := d.mapping(n)
	for _, name := range names {
		secret, field, ok := strings.Cut(d.text(values[name]), "#")
		if !ok || secret == "" || field == "" {
			d.complain(values[name], "names no secret", "write it as secret-name#field") // the text may be the secret itself
			continue
		}
		secrets[name] = SecretName{secret, field}
	}
	return secrets
}

func (d *document) condition(n node) condition {
	compiled, err := compileCondition(d.text(n))
	if err != nil {
		d.complain(n, "is no condition: "+oneLine(err), "use source, params.NAME and verified; the result must be true or false")
	}
	return compiled
}

// oneLine drops the drawing below the first line of a compiler's message.
func oneLine(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}
