// Package firehose stands in for Amazon Data Firehose with direct put into S3, over AWS JSON 1.1.
//
// Imitated: PutRecord, PutRecordBatch and DescribeDeliveryStream with their limits; buffering by size or age; prefixes
// with !{timestamp:…}, evaluated on the arrival of an object's oldest record; GZIP; AppendDelimiterToRecord; object names;
// delivery tried again while S3 fails; single records and whole calls refused by a seed.
// On a simulated clock a put that comes when the buffer is already as old as its interval delivers the buffer first;
// on the machine's time a timer does.
//
// Not imitated: making and changing streams, dynamic partitioning, transformation, format conversion, error output,
// custom time zones, !{firehose:…}, encryption, permissions, throughput quotas. Buffers live in memory: Close delivers
// them, a killed stack loses them.
package firehose

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"backstop/local/awsjson"
	"backstop/local/chance"
	"backstop/local/clock"
)

// Stream is a delivery stream as the template declares it.
type Stream struct {
	Name            string
	Bucket          string
	Prefix          string        // with !{timestamp:…} expressions; without any, yyyy/MM/dd/HH/ is added as Firehose does
	SizeMB          int           // the buffer is delivered at this size, in MiB
	Interval        time.Duration // or at this age
	GZIP            bool
	AppendDelimiter bool // a newline is added after each record
}

// PutObject stores an object with headers as its metadata, such as Content-Encoding. It may be called again for the same key.
type PutObject func(ctx context.Context, bucket, key string, body []byte, headers map[string]string) error

// Options configures a Server.
type Options struct {
	Clock      *clock.Clock  // gives records their arrival
	Put        PutObject     // where objects go
	Streams    []Stream      // all there are
	FlushEvery time.Duration // if set, replaces the streams' intervals on the machine's time, not on a simulated clock
	Log        *slog.Logger  // told of failed deliveries, which are tried again
}

// Faults are "one in so many", chosen by the seed: 0 never, 1 always.
type Faults struct {
	Seed          int64
	FailEvery     int // records reported as failed in an answer of 200
	ThrottleEvery int // calls answered 503
}

// Server is an http.Handler that holds delivery streams. It is safe for concurrent use.
type Server struct {
	http    http.Handler
	streams map[string]*stream
	names   []string
	chance  chance.Chance
	faults  atomic.Pointer[Faults]
}

// New returns a server with its streams. It fails for a prefix that it cannot read. Close it, or buffers are lost.
func New(o Options) (*Server, error) {
	s := &Server{streams: map[string]*stream{}}
	s.faults.Store(&Faults{})
	for _, config := range o.Streams {
		st, err := newStream(config, o)
		if err != nil {
			return nil, fmt.Errorf("delivery stream %s: %w", config.Name, err)
		}
		s.streams[config.Name] = st
		s.names = append(s.names, config.Name)
	}
	s.http = &awsjson.Service{Target: "Firehose_20150804", Version: "1.1", Operations: map[string]awsjson.Operation{
		"PutRecord":              awsjson.On(s.putRecord),
		"PutRecordBatch":         awsjson.On(s.putRecordBatch),
		"DescribeDeliveryStream": awsjson.On(s.describe),
	}}
	return s, nil
}

// ServeHTTP answers one call of an AWS SDK.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// SetFaults replaces the faults and starts their counts anew.
func (s *Server) SetFaults(f Faults) {
	s.faults.Store(&f)
	s.chance.Reset(f.Seed)
}

// Flush delivers every buffer now and returns when all is in S3, or with what S3 refused, which is kept and tried again.
func (s *Server) Flush(ctx context.Context) error {
	var failed []error
	for _, name := range s.names {
		if err := s.streams[name].flush(ctx); err != nil {
			failed = append(failed, fmt.Errorf("flush delivery stream %s: %w", name, err))
		}
	}
	return errors.Join(failed...)
}

// Close refuses further puts and delivers every buffer. Whatever was acknowledged is in S3 when it returns nil.
func (s *Server) Close(ctx context.Context) error {
	for _, st := range s.streams {
		st.close()
	}
	return s.Flush(ctx)
}
