package ingest

import (
	"context"
	"fmt"
	"time"
)

// MaxRequestBytes is the cap on path, query, kept headers and body together. It is the only reason to refuse a request.
const MaxRequestBytes = 256 << 10

const (
	storeBudget = 5 * time.Second // for the queue, its client's own repeats included
	stallUntil  = 3 * time.Second // after the request began: longer than the 2 s that Branch waits
)

// Request is what the front hands over.
type Request struct {
	ReceivedAt time.Time
	Source     string // as named in the path
	Token      string
	Method     string
	RawQuery   string
	Headers    map[string]string // lower-case names
	Body       string
	SourceIP   string
	UserAgent  string
}

// Receipt says what became of a request.
type Receipt struct {
	PostbackID string
	Status     ReceiptStatus
}

// ReceiptStatus is the answer's meaning.
type ReceiptStatus string

// The answers to a sender.
const (
	Stored    ReceiptStatus = "stored"
	TooLarge  ReceiptStatus = "too_large"
	NotStored ReceiptStatus = "not_stored"
)

// Queue takes a message durably, or fails; after an error the message may be in it all the same.
type Queue interface {
	Send(ctx context.Context, message []byte) error
}

// Receiver stores every request before it is answered, whoever sent it.
type Receiver struct {
	Sources Sources
	Queue   Queue
	NewID   func(at time.Time) string
	Pause   func(ctx context.Context, d time.Duration) // waits, or returns early when ctx ends
	Meter   *Meter
}

// Receive stores the request. The error is set exactly when the status is NotStored; the sender should then send again.
func (r *Receiver) Receive(ctx context.Context, req Request) (Receipt, error) {
	began := time.Now()
	source, known := r.Sources.Source(req.Source)
	p := r.postback(req, source, known)
	if err := r.store(ctx, p); err != nil {
		if source.OnStoreFailure == FailByStall {
			r.Pause(ctx, stallUntil-time.Since(began))
		}
		r.Meter.Count("not_stored", 1, Dimension{"source", p.Source})
		return Receipt{Status: NotStored}, fmt.Errorf("store a postback of %s: %w", p.Source, err)
	}
	r.Meter.Count("received", 1, Dimension{"source", p.Source}, Dimension{"verdict", string(p.Verdict)})
	if p.Verdict == VerdictTooLarge {
		return Receipt{PostbackID: p.ID, Status: TooLarge}, nil
	}
	return Receipt{PostbackID: p.ID, Status: Stored}, nil
}

func (r *Receiver) store(ctx context.Context, p Postback) error {
	message, err := Message{Postback: p, Attempt: 1}.Encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, storeBudget)
	defer cancel()
	return r.Queue.Send(ctx, message)
}

func (r *Receiver) postback(req Request, source Source, known bool) Postback {
	p := Postback{
		ID:         r.NewID(req.ReceivedAt),
		ReceivedAt: req.ReceivedAt.UTC(),
		Source:     UnknownSource,
		Verdict:    verifyToken(source, known, req.Token),
		IPVerdict:  source.judgeIP(req.SourceIP),
		Method:     req.Method,
		Path:       "/p/" + req.Source,
		RawQuery:   req.RawQuery,
		Headers:    keptHeaders(req.Headers),
		Body:       req.Body,
		SourceIP:   req.SourceIP,
		UserAgent:  req.UserAgent,
	}
	if known {
		p.Source = source.Name
	}
	p.Fingerprint = Fingerprint(p.Source, p.Params(), p.Body)
	p.Size = sizeOf(p)
	if p.Size > MaxRequestBytes {
		return p.refused()
	}
	return p
}

// refused keeps what was sent about a request that is too large, without what made it so.
func (p Postback) refused() Postback {
	p.Verdict = VerdictTooLarge
	p.RawQuery, p.Body = "", ""
	if sizeOf(p) > MaxRequestBytes {
		p.Path, p.UserAgent, p.Headers = "/p/", "", nil
	}
	return p
}

func sizeOf(p Postback) int {
	size := len(p.Path) + len(p.RawQuery) + len(p.Body) + len(p.UserAgent) + len(p.SourceIP) + len(p.Method)
	for key, value := range p.Headers {
		size += len(key) + len(value)
	}
	return size
}

// keptHeaders are those that tell how to read the body or which way the request came. Everything else (cookies, authorization) is nobody's
// business; the user agent has its own field.
func keptHeaders(all map[string]string) map[string]string {
	kept := map[string]string{}
	for _, key := range []string{"accept-language", "content-encoding", "content-length", "content-type", "date", "via", "x-forwarded-for"} {
		if value, ok := all[key]; ok {
			kept[key] = value
		}
	}
	return kept
}
