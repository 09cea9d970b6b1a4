package firehose

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"backstop/local/clock"
)

// version is what object names carry; it would rise with every change of a stream's destination.
const version = "1"

// again is how long a delivery that S3 refused waits for the next try.
const again = time.Second

// stream buffers records into objects and delivers these in order.
type stream struct {
	Stream
	prefix     prefix
	clock      *clock.Clock
	store      PutObject
	flushEvery time.Duration
	log        *slog.Logger
	delivery   sync.Mutex // held while objects go to S3, so that each goes once

	mu     sync.Mutex
	buffer []byte
	oldest time.Time   // arrival of the buffer's first record
	timer  *time.Timer // delivers the buffer on the machine's time, nil on a simulated clock
	sealed []object    // finished objects that are not in S3 yet, oldest first
	retry  *time.Timer
	closed bool
}

// object is what becomes one object of S3.
type object struct {
	key  string
	body []byte
}

func newStream(config Stream, o Options) (*stream, error) {
	read, err := readPrefix(config.Prefix)
	if err != nil {
		return nil, err
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &stream{Stream: config, prefix: read, clock: o.Clock, store: o.Put, flushEvery: o.FlushEvery, log: log}, nil
}

// put takes a record; false means that the stream is closed.
func (st *stream) put(data []byte) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.closed {
		return false
	}
	now := st.clock.Now()
	if len(st.buffer) > 0 && !now.Before(st.oldest.Add(st.Interval)) && st.clock.Simulated() {
		st.sealAndDeliver()
	}
	if len(st.buffer) == 0 {
		st.begin(now)
	}
	st.buffer = append(st.buffer, data...)
	if st.AppendDelimiter {
		st.buffer = append(st.buffer, '\n')
	}
	if len(st.buffer) >= st.SizeMB<<20 {
		st.sealAndDeliver()
	}
	return true
}

// begin starts a buffer and, on the machine's time, its timer.
func (st *stream) begin(now time.Time) {
	st.oldest = now
	if st.clock.Simulated() {
		return
	}
	interval := st.Interval
	if st.flushEvery > 0 {
		interval = st.flushEvery
	}
	var timer *time.Timer
	timer = time.AfterFunc(interval, func() {
		st.mu.Lock()
		defer st.mu.Unlock()
		if st.timer == timer {
			st.sealAndDeliver()
		}
	})
	st.timer = timer
}

// seal makes an object of the buffer, named for its first record's arrival.
func (st *stream) seal() {
	if st.timer != nil {
		st.timer.Stop()
		st.timer = nil
	}
	if len(st.buffer) == 0 {
		return
	}
	key := st.prefix.at(st.oldest) + st.Name + "-" + version + "-" + st.oldest.UTC().Format("2006-01-02-15-04-05") + "-" + uuid.NewString()
	if st.GZIP {
		key += ".gz"
	}
	st.sealed = append(st.sealed, object{key, st.buffer})
	st.buffer = nil
}

// sealAndDeliver seals the buffer and delivers in the background.
func (st *stream) sealAndDeliver() {
	st.seal()
	go st.deliverOrRetry()
}

// deliverOrRetry delivers and, while S3 fails, comes back later until the stream is closed.
func (st *stream) deliverOrRetry() {
	err := st.deliver(context.Background())
	if err == nil {
		return
	}
	st.log.Error("delivery to S3 failed and is tried again", "stream", st.Name, "error", err)
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.closed {
		st.retry = time.AfterFunc(again, st.deliverOrRetry)
	}
}

// flush delivers all that the stream holds.
func (st *stream) flush(ctx context.Context) error {
	st.mu.Lock()
	st.seal()
	st.mu.Unlock()
	return st.deliver(ctx)
}

// close refuses further records and stops the timers.
func (st *stream) close() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.closed = true
	if st.retry != nil {
		st.retry.Stop()
	}
}
