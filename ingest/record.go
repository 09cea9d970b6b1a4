package ingest

import (
	"maps"
	"slices"
	"time"
)

// MaxLineBytes bounds a record's line without its newline: 900 KiB, below Firehose's 1,000 KiB a record.
const MaxLineBytes = 900 << 10

// PostbackRecord is a postback with what was found out about it until it was archived.
type PostbackRecord struct {
	Postback      Postback
	MMPRejected   bool // the sender's own verdict, by the source's rejected_when
	RoutesVersion string
	MessageID     string
	ReceiveCount  int
	ArchivedAt    time.Time
}

// Line encodes the record, newline included. Every request below MaxRequestBytes gives a line that Redshift can load: no NUL, valid UTF-8,
// unique keys, strings of at most 48 KiB, at most MaxLineBytes. Escaping hardly more than doubles what was sent (see isText), so query, body and headers always fit;
// if the parameters decoded from them do not, they are left out, and "dropped" says so.
func (r PostbackRecord) Line() []byte {
	line := r.line(true)
	if len(line) > MaxLineBytes {
		line = r.line(false)
	}
	return append(line, '\n')
}

func (r PostbackRecord) line(withParams bool) []byte {
	p := r.Postback
	o := &object{}
	o.number("v", 1)
	o.text("postback_id", p.ID)
	o.time("received_at", p.ReceivedAt)
	o.text("source", p.Source)
	o.flag("verified", p.Verified())
	o.text("verdict", string(p.Verdict))
	o.text("ip_verdict", string(p.IPVerdict))
	o.flag("mmp_rejected", r.MMPRejected)
	o.text("method", p.Method)
	o.text("path", p.Path)
	if p.Verdict == VerdictTooLarge {
		o.number("size", p.Size)
	} else {
		o.text("raw_query", p.RawQuery)
		o.text("body", p.Body)
	}
	o.object("headers", textsByKey(p.Headers))
	o.text("source_ip", p.SourceIP)
	o.text("user_agent", p.UserAgent)
	if withParams {
		writeParams(o, p.Params())
	} else {
		o.texts("dropped", []string{"params", "repeated"})
	}
	o.text("fingerprint", p.Fingerprint)
	o.object("delivery", r.delivery())
	o.text("routes_version", r.RoutesVersion)
	return o.close()
}

func (r PostbackRecord) delivery() *object {
	o := &object{}
	o.text("message_id", r.MessageID)
	o.number("receive_count", r.ReceiveCount)
	o.time("archived_at", r.ArchivedAt)
	return o
}

// textsByKey writes a map in the order of its keys.
func textsByKey(values map[string]string) *object {
	groups := grouped{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		groups.add(key, values[key])
	}
	return groups.first()
}

func writeParams(o *object, params Params) {
	groups := grouped{}
	for _, p := range params {
		groups.add(p.Key, p.Value)
	}
	o.object("params", groups.first())
	if repeated := groups.repeated(); len(repeated.json) > 0 {
		o.object("repeated", repeated)
	}
}
