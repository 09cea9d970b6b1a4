// Package s3 stands in for Amazon S3: gofakes3 over memory or over one bolt file, path-style addressing only.
//
// Imitated by gofakes3: objects, listing in pages, ETags, checksums, If-None-Match, multipart uploads.
// Not imitated: permissions, encryption, versions, lifecycle rules, strong consistency across processes (one process
// holds the file), and object names of more than 1,024 bytes are not refused.
package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3bolt"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	bolt "go.etcd.io/bbolt"
)

// lockWait is how long Open waits for another process to close the file.
const lockWait = time.Second

// settle is how long an answer waits. Go's HTTP client drops a connection whose answer comes before it has done with the
// request's body, and the SDK then silently repeats the call: a put with If-None-Match would fail on itself.
const settle = 200 * time.Microsecond

// Store is an http.Handler that holds buckets. It is safe for concurrent use.
type Store struct {
	http    http.Handler
	backend gofakes3.Backend
	file    *bolt.DB
}

// Open opens the bolt file at path, or memory when path is empty, and makes the buckets that are missing. It fails when
// another process holds the file.
func Open(path string, buckets ...string) (*Store, error) {
	s := &Store{backend: s3mem.New()}
	if path != "" {
		file, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait})
		if err != nil {
			return nil, fmt.Errorf("open the object store %s (is another stack using it?): %w", path, err)
		}
		s.file, s.backend = file, s3bolt.New(file)
	}
	s.http = gofakes3.New(s.backend).Server()
	for _, bucket := range buckets {
		if err := s.ensure(bucket); err != nil {
			return nil, errors.Join(fmt.Errorf("make bucket %s: %w", bucket, err), s.Close())
		}
	}
	return s, nil
}

func (s *Store) ensure(bucket string) error {
	exists, err := s.backend.BucketExists(bucket)
	if err != nil || exists {
		return err
	}
	return s.backend.CreateBucket(bucket)
}

// ServeHTTP answers one call of an AWS SDK.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.http.ServeHTTP(&settling{ResponseWriter: w}, r)
}

// Put stores an object without the wire, for stand-ins that write to S3 themselves. Headers are the object's metadata,
// such as Content-Encoding. It replaces an object of that key.
func (s *Store) Put(_ context.Context, bucket, key string, body []byte, headers map[string]string) error {
	if _, err := s.backend.PutObject(bucket, key, headers, bytes.NewReader(body), int64(len(body)), nil); err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// Close closes the file. Calls that come later fail.
func (s *Store) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// settling delays the first byte of an answer.
type settling struct {
	http.ResponseWriter
	begun bool
}

func (w *settling) WriteHeader(status int) {
	w.begin()
	w.ResponseWriter.WriteHeader(status)
}

func (w *settling) Write(b []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(b)
}

func (w *settling) begin() {
	if !w.begun {
		w.begun = true
		time.Sleep(settle)
	}
}
