package redshift

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"

	"backstop/local/redshift/load"
)

// queryCancelled is the SQLSTATE of a statement that a cancel request ended.
const queryCancelled = "57014"

// feedAt is how many bytes of rows are sent to PostgreSQL at a time.
const feedAt = 128 << 10

// feed is the sending end of PostgreSQL's COPY FROM STDIN.
type feed struct {
	session *session
	to      target
	noLoad  bool
	out     []byte
	answers chan feedAnswer

	rejected []rejectedRow // known after end
}

type feedAnswer struct {
	refusal  *pgproto3.ErrorResponse
	rejected []rejectedRow
	status   byte
	err      error
}

// begin starts the COPY, or gives PostgreSQL's refusal.
func (f *feed) begin() (*pgproto3.ErrorResponse, error) {
	x := f.session
	x.server.Send(&pgproto3.Query{String: f.to.sql})
	if err := x.server.Flush(); err != nil {
		return nil, fmt.Errorf("start COPY: %w", err)
	}
	for {
		message, err := x.server.Receive()
		if err != nil {
			return nil, fmt.Errorf("start COPY: %w", err)
		}
		switch m := message.(type) {
		case *pgproto3.CopyInResponse:
			f.out = append(f.out, f.to.header...)
			return nil, nil
		case *pgproto3.ErrorResponse:
			refusal := redshiftError(m)
			for {
				message, err := x.server.Receive()
				if err != nil {
					return nil, fmt.Errorf("start COPY: %w", err)
				}
				if ready, ok := message.(*pgproto3.ReadyForQuery); ok {
					x.status = ready.TxStatus
					return refusal, nil
				}
			}
		}
	}
}

// watch listens to PostgreSQL while rows are sent, so that its refusal (or a cancel, or more rejected rows than are
// tolerated) stops the reading of files at once.
func (f *feed) watch(stop context.CancelFunc, tolerated int) {
	f.answers = make(chan feedAnswer, 1)
	go func() {
		var a feedAnswer
		for {
			message, err := f.session.server.Receive()
			if err != nil {
				a.err = fmt.Errorf("read from PostgreSQL during COPY: %w", err)
				break
			}
			switch m := message.(type) {
			case *pgproto3.ErrorResponse:
				a.refusal = redshiftError(m)
				stop()
			case *pgproto3.NoticeResponse:
				if row := passedOver(m.Message); row.number > 0 {
					a.rejected = append(a.rejected, row)
				}
				if len(a.rejected) > tolerated {
					stop()
				}
			}
			if m, ok := message.(*pgproto3.ReadyForQuery); ok {
				a.status = m.TxStatus
				break
			}
		}
		f.answers <- a
	}()
}

// row adds a document.
func (f *feed) row(r load.Row) error {
	if f.noLoad {
		return nil
	}
	var err error
	if f.out, err = f.to.encode(f.out, r.Document); err != nil || len(f.out) < feedAt {
		return err
	}
	return f.send()
}

func (f *feed) send() error {
	f.session.server.Send(&pgproto3.CopyData{Data: f.out})
	f.out = f.out[:0]
	if err := f.session.server.Flush(); err != nil {
		return fmt.Errorf("send rows to PostgreSQL: %w", err)
	}
	return nil
}

// end finishes the COPY, or makes it fail when reading did, and waits for PostgreSQL.
func (f *feed) end(reason error) (*pgproto3.ErrorResponse, error) {
	x := f.session
	if reason == nil {
		f.out = append(f.out, f.to.trailer...)
		if err := f.send(); err != nil {
			return nil, err
		}
		x.server.Send(&pgproto3.CopyDone{})
	} else {
		x.server.Send(&pgproto3.CopyFail{Message: "the load failed"})
	}
	if err := x.server.Flush(); err != nil {
		return nil, fmt.Errorf("end COPY: %w", err)
	}
	a := <-f.answers
	if a.err != nil {
		return nil, a.err
	}
	x.status, f.rejected = a.status, a.rejected
	if a.refusal == nil && errors.Is(reason, context.Canceled) {
		a.refusal = &pgproto3.ErrorResponse{Severity: "ERROR", Code: queryCancelled, Message: "Query cancelled on user's request"}
	}
	return a.refusal, nil
}
