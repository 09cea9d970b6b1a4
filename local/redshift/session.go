package redshift

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"

	"backstop/local/redshift/dialect"
)

// transaction states of ReadyForQuery
const (
	idle   = 'I'
	open   = 'T'
	failed = 'E'
)

// session is one client with its own connection to PostgreSQL. Everything but a cancel request happens in one goroutine:
// a message of the client is carried out, its answers are passed back, then comes the next.
type session struct {
	owner    *server
	conn     net.Conn
	client   *pgproto3.Backend
	upstream net.Conn
	server   *pgproto3.Frontend
	database string
	key      backendKey
	superOID uint32
	status   byte // as of the last ReadyForQuery

	// the extended protocol
	statements map[string]dialect.Command
	portals    map[string]dialect.Command
	expected   int  // answers that PostgreSQL still owes
	skipping   bool // after an error, until Sync
	truncated  bool // a TRUNCATE ran: commit at Sync
	executed   dialect.Command

	last    lastLoad
	settled lastLoad // as of the last transaction that ended

	mu       sync.Mutex
	stopCopy context.CancelFunc // set while a COPY runs
}

func newSession(s *server, conn net.Conn, client *pgproto3.Backend, upstream net.Conn, database string) *session {
	return &session{owner: s, conn: conn, client: client, upstream: upstream, server: pgproto3.NewFrontend(upstream, upstream),
		database: database, statements: map[string]dialect.Command{}, portals: map[string]dialect.Command{}}
}

func (x *session) close() {
	x.owner.forget(x)
	x.upstream.Close()
}

func (x *session) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { x.upstream.Close() })
	defer stop()
	if err := x.findSuper(); err != nil {
		return err
	}
	for {
		message, err := x.client.Receive()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read from the client: %w", err)
		}
		if _, ok := message.(*pgproto3.Terminate); ok {
			return nil
		}
		if err := x.handle(ctx, message); err != nil {
			return err
		}
	}
}

func (x *session) handle(ctx context.Context, message pgproto3.FrontendMessage) error {
	if q, ok := message.(*pgproto3.Query); ok {
		return x.query(ctx, q.String)
	}
	return x.extended(ctx, message)
}

// superOID is a type number of the database; Redshift's clients know SUPER as 4000.
const redshiftSuper = 4000

func (x *session) findSuper() error {
	rows, refusal, err := x.ask("select 'pg_catalog.super'::regtype::oid::text")
	if err != nil || refusal != nil {
		return err // a database without Bootstrap has no SUPER
	}
	_, err = fmt.Sscan(rows[0][0], &x.superOID)
	return err
}

// ask runs a statement of the stand-in's own and gives its rows as text, or PostgreSQL's refusal.
func (x *session) ask(sql string) ([][]string, *pgproto3.ErrorResponse, error) {
	x.server.Send(&pgproto3.Query{String: sql})
	if err := x.server.Flush(); err != nil {
		return nil, nil, fmt.Errorf("ask PostgreSQL: %w", err)
	}
	var rows [][]string
	var refusal *pgproto3.ErrorResponse
	for {
		message, err := x.server.Receive()
		if err != nil {
			return nil, nil, fmt.Errorf("ask PostgreSQL: %w", err)
		}
		switch m := message.(type) {
		case *pgproto3.DataRow:
			row := make([]string, len(m.Values))
			for i, v := range m.Values {
				row[i] = string(v)
			}
			rows = append(rows, row)
		case *pgproto3.ErrorResponse:
			e := *m
			refusal = &e
		case *pgproto3.ReadyForQuery:
			x.status = m.TxStatus
			return rows, refusal, nil
		}
	}
}
