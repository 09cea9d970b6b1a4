// Package redshift makes a PostgreSQL look like Amazon Redshift to its clients. It stands between them and the server,
// speaks the same protocol on both sides, translates or refuses statements, and carries out COPY from S3 by itself.
package redshift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"backstop/local/redshift/dialect"
	"backstop/local/redshift/load"
)

// Options says what the stand-in stands on.
type Options struct {
	// Postgres is the URL of the server behind, with a superuser's login: the stand-in writes its system tables with it. Clients
	// log in with their own users, checked by that server (md5). The database of the URL does not matter: each client
	// names its own, prepared by Bootstrap.
	Postgres     string
	Files        load.Files       // what COPY reads
	Region       string           // of the cluster: where COPY looks for buckets unless it says otherwise; us-east-1 when empty
	BucketRegion string           // in which all buckets lie; the cluster's when empty
	Now          func() time.Time // GETDATE, SYSDATE and the system tables; nil is the real clock
	Limits       load.Limits      // zero values are Redshift's
	Faults       *Faults          // nil injects none
	Log          *slog.Logger     // nil logs nothing
}

// Rules is the table of what is translated, refused and not imitated.
func Rules() []dialect.Rule { return dialect.New().Rules() }

// Serve answers clients on the listener until the context ends, then closes it and all connections. The error is nil
// after such an end.
func Serve(ctx context.Context, l net.Listener, o Options) error {
	s, err := newServer(o)
	if err != nil {
		return err
	}
	defer s.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel() // before waiting
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("the stand-in's listener was closed: %w", err)
		case err != nil:
			return fmt.Errorf("accept a client: %w", err)
		}
		clients.Go(func() { s.serve(ctx, conn) })
	}
}

// server is what the sessions share.
type server struct {
	options    Options
	address    string // of PostgreSQL
	translator *dialect.Translator
	faults     *Faults
	journal    *journal
	log        *slog.Logger
	mu         sync.Mutex
	running    map[backendKey]*session // for cancel requests
}

func newServer(o Options) (*server, error) {
	u, err := url.Parse(o.Postgres)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("Options.Postgres must be a URL such as postgres://user:password@127.0.0.1:5432/")
	}
	if o.Files == nil {
		return nil, errors.New("Options.Files is missing: COPY has nothing to read from")
	}
	s := &server{options: o, address: u.Host, translator: dialect.New(), faults: o.Faults, log: o.Log,
		journal: newJournal(*u), running: map[backendKey]*session{}}
	s.options.Region = cmp.Or(o.Region, "us-east-1")
	s.options.BucketRegion = cmp.Or(o.BucketRegion, s.options.Region)
	if s.options.Limits == (load.Limits{}) {
		s.options.Limits = load.RedshiftLimits()
	}
	if s.faults == nil {
		s.faults = &Faults{}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

func (s *server) close() { s.journal.close() }

func (s *server) now() time.Time {
	if s.options.Now == nil {
		return time.Now()
	}
	return s.options.Now()
}

// serve is one client's connection, from its first byte to its last.
func (s *server) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	session, err := s.open(ctx, conn)
	if err != nil {
		s.log.Debug("a client did not get in", "error", err)
		return
	}
	if session == nil {
		return // it was a cancel request
	}
	defer session.close()
	if err := session.run(ctx); err != nil {
		s.log.Debug("a session broke off", "error", err)
	}
}
