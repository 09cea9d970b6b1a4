package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// A stream that refuses is asked again a few times within seconds; the invocation has other work, and the fallback is as durable.
const (
	streamTries    = 3
	streamTimeout  = 2 * time.Second
	fallbackBudget = 3 * time.Second
)

// Stream takes records into the archive's delivery stream. refused are the indices of the records that it did not take; an error means
// that none is known to be taken. A record may be taken twice, or taken although the call failed.
type Stream interface {
	PutRecords(ctx context.Context, records [][]byte) (refused []int, err error)
}

// Store keeps one object under a key; putting the same again changes nothing.
type Store interface {
	Put(ctx context.Context, key string, gzipped []byte) error
}

// Archiver brings lines into the archive through a delivery stream, or past it when the stream is unavailable.
type Archiver struct {
	Stream   Stream
	Fallback Store
	Prefix   string // of the stream's keys, such as "postbacks"
	Now      func() time.Time
	NewID    func(at time.Time) string
	Pause    func(ctx context.Context, d time.Duration)
	Jitter   func(limit time.Duration) time.Duration // a random part of limit
	Meter    *Meter
}

// NewArchiver archives under the prefix, on the real clock.
func NewArchiver(prefix string, stream Stream, fallback Store, meter *Meter) *Archiver {
	return &Archiver{
		Stream: stream, Fallback: fallback, Prefix: prefix, Now: time.Now, NewID: NewID, Pause: Pause, Jitter: rand.N[time.Duration], Meter: meter,
	}
}

// Archive keeps each line at least once. The answer has an error for each line that is kept nowhere, in the order of the lines; it is nil
// if all are kept.
func (a *Archiver) Archive(ctx context.Context, lines [][]byte) []error {
	packs := packLines(lines)
	var left []pack
	var problem error
	for _, call := range calls(packs) {
		refused, err := a.put(ctx, call)
		left = append(left, refused...)
		problem = errors.Join(problem, err)
	}
	a.count(lines, packs)
	if len(left) == 0 {
		return nil
	}
	a.Meter.Count("stream_refused", len(left), Dimension{"stream", a.Prefix})
	if err := a.putPast(ctx, left); err != nil {
		return lost(len(lines), left, errors.Join(problem, err))
	}
	return nil
}

// put sends one call's packs, then again only those that were refused, and answers what is still refused.
func (a *Archiver) put(ctx context.Context, left []pack) ([]pack, error) {
	var problem error
	for try := range streamTries {
		if try > 0 {
			a.Pause(ctx, a.Jitter(100*time.Millisecond<<try))
		}
		refused, err := a.putOnce(ctx, left)
		if len(refused) == 0 {
			return nil, nil
		}
		left, problem = refused, err
	}
	return left, problem
}

func (a *Archiver) putOnce(ctx context.Context, packs []pack) ([]pack, error) {
	ctx, cancel := context.WithTimeout(ctx, streamTimeout)
	defer cancel()
	records := make([][]byte, len(packs))
	for i, p := range packs {
		records[i] = p.data
	}
	indices, err := a.Stream.PutRecords(ctx, records)
	if err != nil {
		return packs, fmt.Errorf("put %d records into the stream of %s: %w", len(packs), a.Prefix, err)
	}
	var refused []pack
	for _, i := range indices {
		refused = append(refused, packs[i])
	}
	if len(refused) > 0 {
		err = fmt.Errorf("the stream of %s refused %d of %d records", a.Prefix, len(refused), len(packs))
	}
	return refused, err
}

// putPast writes the packs as one object under the keys that the stream itself would use.
func (a *Archiver) putPast(ctx context.Context, packs []pack) error {
	ctx, cancel := context.WithTimeout(ctx, fallbackBudget)
	defer cancel()
	var object bytes.Buffer
	zip := gzip.NewWriter(&object)
	for _, p := range packs {
		zip.Write(p.data) // a bytes.Buffer takes everything
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("compress the lines past the stream of %s: %w", a.Prefix, err)
	}
	now := a.Now().UTC()
	key := fmt.Sprintf("%s/dt=%s/hr=%s/past-the-stream-%s.gz", a.Prefix, now.Format(time.DateOnly), now.Format("15"), a.NewID(now))
	if err := a.Fallback.Put(ctx, key, object.Bytes()); err != nil {
		return fmt.Errorf("put the lines past the stream of %s: %w", a.Prefix, err)
	}
	return nil
}

func (a *Archiver) count(lines [][]byte, packs []pack) {
	size := 0
	for _, line := range lines {
		size += len(line)
	}
	stream := Dimension{"stream", a.Prefix}
	a.Meter.Count("archived_lines", len(lines), stream)
	a.Meter.Bytes("archived_bytes", size, stream)
	a.Meter.Bytes("billed_bytes", billedBytes(packs), stream)
}

func lost(lines int, packs []pack, reason error) []error {
	errs := make([]error, lines)
	for _, p := range packs {
		for _, line := range p.lines {
			errs[line] = reason
		}
	}
	return errs
}
