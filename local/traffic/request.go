package traffic

import (
	"net/url"
	"strings"
)

// Request is one postback as a sender makes it.
type Request struct {
	Source  string // in the path
	Trusted bool   // carries the source's token, else a wrong one
	Wrong   string // the wrong token
	Post    bool   // parameters in a form body
	Params  []Param
	Tail    string // appended to the encoded parameters byte for byte
	Blank   string // how a blank is encoded: "+" or "%20"
	Padding int    // bytes of one more parameter's value
	Click   int    // whose transaction id a parameter may carry
	Offer   int
	Goal    int
	IP      string

	Relation Relation
	Rejects  bool   // it says that the MMP rejects the conversion
	Reason   string // why, in the MMP's word; "" is none
	Twice    bool   // the queue is asked to deliver it twice
}

// Relation is what a request is to its conversion if everything before it arrived.
type Relation string

// Relations, in the words of the marts' copy_kind. Outside ones belong to no conversion.
const (
	First          Relation = "first"
	IdenticalCopy  Relation = "sender_retry"
	OtherCopy      Relation = "business_repeat"
	VerdictUpdate  Relation = "verdict_update"
	NotAConversion Relation = "unverified"
)

// Param is one parameter. From says that its value is known only while playing.
type Param struct {
	Key, Value string
	From       Binding `json:",omitempty"`
}

// Binding names an id that TUNE gives.
type Binding string

// Bindings of a request's own click, offer and goal.
const (
	FromClick Binding = "click"
	FromOffer Binding = "offer"
	FromGoal  Binding = "goal"
)

// with returns a copy with parameters added, or replaced where the key is already there.
func (r Request) with(changes ...Param) Request {
	params := append([]Param(nil), r.Params...)
	for _, change := range changes {
		if i := indexOf(params, change.Key); i >= 0 {
			params[i] = change
		} else {
			params = append(params, change)
		}
	}
	r.Params = params
	return r
}

func (r Request) without(key string) Request {
	var params []Param
	for _, p := range r.Params {
		if p.Key != key {
			params = append(params, p)
		}
	}
	r.Params = params
	return r
}

func indexOf(params []Param, key string) int {
	for i, p := range params {
		if p.Key == key {
			return i
		}
	}
	return -1
}

// encode writes the parameters, with ids looked up by bound.
func (r Request) encode(bound func(Binding) string) string {
	var out strings.Builder
	for i, p := range r.Params {
		value := p.Value
		if p.From != "" {
			value = bound(p.From)
		}
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(r.escape(p.Key) + "=" + r.escape(value))
	}
	out.WriteString(r.Tail)
	if r.Padding > 0 {
		out.WriteString("&padding=" + strings.Repeat("x", r.Padding))
	}
	return out.String()
}

func (r Request) escape(text string) string {
	escaped := url.QueryEscape(text)
	if r.Blank == "%20" {
		return strings.ReplaceAll(escaped, "+", "%20")
	}
	return escaped
}
