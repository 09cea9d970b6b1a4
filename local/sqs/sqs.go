// Package sqs stands in for Amazon SQS standard queues, on the wire (AWS JSON 1.0) and in process.
//
// Imitated: long polling, visibility timeouts, delays, receive counts, receipt handles (the newest deletes, an older one
// is accepted and does nothing), redrive to a dead-letter queue on the receive after maxReceiveCount with the original
// MessageId and SentTimestamp, message move tasks back from it, retention, the documented limits and their errors, MD5s.
// Standard queues may deliver a message twice, refuse a send or forget a delete: Faults does each by a seed.
//
// Not imitated: FIFO queues, permissions, encryption, tags, the spread over servers (a short poll sees every message,
// depths are exact), PurgeQueue's minute of rest, deletion of queues. Messages live in memory; Save and Restore carry
// them over a clean stop.
package sqs

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"backstop/local/awsjson"
	"backstop/local/clock"
)

// Options configures a Server. Endpoint is needed; everything else has a use as it is.
type Options struct {
	Endpoint string           // base of queue URLs, e.g. "http://127.0.0.1:4566"
	Region   string           // for ARNs; "us-east-1" when empty
	Account  string           // for URLs and ARNs; "000000000000" when empty
	Clock    *clock.Clock     // stamps SentTimestamp and ends retention; the machine's time when nil
	Speed    float64          // how many times faster than real time visibility timeouts and delays pass; 1 when 0
	Time     func() time.Time // what real time is, for tests; time.Now when nil
}

// Server is a set of queues. It is an http.Handler, safe for concurrent use.
type Server struct {
	http    http.Handler
	options Options
	started time.Time
	faults  faults

	mu     sync.Mutex
	queues map[string]*Queue
	copies int64 // how many were ever stored: the newest key
	tasks  []*moveTask
	moves  sync.WaitGroup
}

// New returns a server without queues.
func New(o Options) *Server {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Time == nil {
		o.Time = time.Now
	}
	s := &Server{options: o, started: o.Time(), queues: map[string]*Queue{}}
	s.http = &awsjson.Service{Target: "AmazonSQS", Version: "1.0", Operations: s.operations()}
	return s
}

// ServeHTTP answers one call of an AWS SDK.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// URL returns the queue URL of a name, whether the queue exists or not.
func (s *Server) URL(name string) string {
	return s.options.Endpoint + "/" + s.options.Account + "/" + name
}

// ARN returns the ARN of a name, whether the queue exists or not.
func (s *Server) ARN(name string) string {
	return "arn:aws:sqs:" + s.options.Region + ":" + s.options.Account + ":" + name
}

// Ensure creates a queue, or gives an existing one (from Restore) these attributes. The attributes are SQS's own names
// and values; one that SQS would refuse is an error and changes nothing.
func (s *Server) Ensure(name string, attributes map[string]string) (*Queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		return q, q.configure(attributes)
	}
	return s.create(name, attributes)
}

// Queue returns a queue by name, nil when there is none.
func (s *Server) Queue(name string) *Queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queues[name]
}

// create makes a queue; the caller holds s.mu.
func (s *Server) create(name string, attributes map[string]string) (*Queue, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	q := newQueue(s, name)
	if err := q.configure(attributes); err != nil {
		return nil, err
	}
	s.queues[name] = q
	return q, nil
}

// now is the time on which visibility and delays run: real time, sped up.
func (s *Server) now() time.Time {
	elapsed := s.options.Time().Sub(s.started)
	return s.started.Add(time.Duration(float64(elapsed) * s.options.Speed))
}

// real turns a span of the queues' time into one of the machine's.
func (s *Server) real(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.options.Speed)
}

// nextKey returns a key that no stored copy has; the caller holds s.mu.
func (s *Server) nextKey() string {
	s.copies++
	return strconv.FormatInt(s.copies, 10)
}
