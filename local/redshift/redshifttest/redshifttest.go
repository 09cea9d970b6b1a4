// Package redshifttest gives tests a Redshift stand-in of their own, with a PostgreSQL behind it and an S3 in memory.
package redshifttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"backstop/local/postgres"
	"backstop/local/postgres/postgrestest"
	"backstop/local/redshift"
	"backstop/local/redshift/bucket"
	"backstop/local/redshift/load"
)

const (
	// Bucket exists in the S3 of every stand-in.
	Bucket   = "backstop-archive"
	database = "warehouse"
	region   = "us-east-1"
)

// Redshift is a running stand-in with all that belongs to it.
type Redshift struct {
	DSN         string // a lib/pq URL of the stand-in
	Postgres    *postgres.Server
	PostgresDSN string // the same database without the stand-in
	Faults      *redshift.Faults
	S3          *s3.Client
	S3Endpoint  string
	AWS         aws.Config // of the S3 in memory, for code that makes its own clients (with UsePathStyle)
	test        testing.TB
}

// Option changes the stand-in before it starts.
type Option func(*redshift.Options)

// WithLimits sets other limits than Redshift's.
func WithLimits(l load.Limits) Option { return func(o *redshift.Options) { o.Limits = l } }

// WithClock gives the stand-in a clock.
func WithClock(now func() time.Time) Option { return func(o *redshift.Options) { o.Now = now } }

// Start runs a fresh stand-in until the test ends.
func Start(t testing.TB, options ...Option) *Redshift {
	t.Helper()
	pg := postgrestest.Start(t)
	if err := pg.CreateDatabase(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	if err := redshift.Bootstrap(t.Context(), pg.DSN(database)); err != nil {
		t.Fatal(err)
	}
	r := &Redshift{Postgres: pg, PostgresDSN: pg.DSN(database), Faults: &redshift.Faults{}, test: t}
	r.startS3()
	o := redshift.Options{Postgres: pg.DSN(database), Files: bucket.New(r.S3), Faults: r.Faults}
	for _, option := range options {
		option(&o)
	}
	r.serve(o)
	return r
}

func (r *Redshift) startS3() {
	backend := s3mem.New()
	if err := backend.CreateBucket(Bucket); err != nil {
		r.test.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	r.test.Cleanup(server.Close)
	r.S3Endpoint = server.URL
	r.AWS = aws.Config{Region: region, BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	r.S3 = s3.NewFromConfig(r.AWS, func(o *s3.Options) { o.UsePathStyle = true })
}

func (r *Redshift) serve(o redshift.Options) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.test.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- redshift.Serve(ctx, listener, o) }()
	r.test.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			r.test.Errorf("the stand-in ended: %v", err)
		}
	})
	u := url.URL{Scheme: "postgres", User: url.UserPassword(r.Postgres.User, r.Postgres.Password), Host: listener.Addr().String(), Path: "/" + database,
		RawQuery: "sslmode=disable"}
	r.DSN = u.String()
}

// Put stores an object and gives its URL.
func (r *Redshift) Put(key string, content []byte) string {
	r.test.Helper()
	if _, err := r.S3.PutObject(r.test.Context(), &s3.PutObjectInput{Bucket: aws.String(Bucket), Key: &key, Body: bytes.NewReader(content)}); err != nil {
		r.test.Fatalf("put %s: %v", key, err)
	}
	return "s3://" + Bucket + "/" + key
}

// PutLines stores lines, packed by gzip, and gives the object's URL.
func (r *Redshift) PutLines(key string, lines ...string) string {
	r.test.Helper()
	return r.Put(key, Gzip(strings.Join(lines, "\n")+"\n"))
}

// PutManifest stores a manifest that demands all the URLs, and gives its own.
func (r *Redshift) PutManifest(key string, urls ...string) string {
	r.test.Helper()
	var entries []string
	for _, u := range urls {
		entries = append(entries, fmt.Sprintf(`{"url": %q, "mandatory": true}`, u))
	}
	return r.Put(key, []byte(`{"entries": [`+strings.Join(entries, ",")+`]}`))
}

// Gzip packs a text.
func Gzip(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
