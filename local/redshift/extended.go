package redshift

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"

	"backstop/local/redshift/dialect"
)

// placeholder stands in PostgreSQL for a prepared COPY: it returns no rows and is never executed.
const placeholder = "checkpoint"

// extended carries out one message of the extended protocol. Messages go on as they come; answers are fetched when the
// client asks for them (Sync, Flush) or when the stand-in has something to say in between.
func (x *session) extended(ctx context.Context, message pgproto3.FrontendMessage) error {
	switch message.(type) {
	case *pgproto3.Sync:
		return x.sync()
	case *pgproto3.Flush:
		if err := x.drain(); err != nil {
			return err
		}
		return x.client.Flush()
	}
	if x.skipping {
		return nil
	}
	switch m := message.(type) {
	case *pgproto3.Parse:
		return x.parse(m)
	case *pgproto3.Bind:
		return x.bind(m)
	case *pgproto3.Execute:
		return x.execute(ctx, m)
	case *pgproto3.Close, *pgproto3.Describe:
		x.expect(m)
	case *pgproto3.CopyFail, *pgproto3.CopyDone, *pgproto3.CopyData:
		// left over from a COPY FROM STDIN that was refused
	default:
		return fmt.Errorf("the stand-in does not imitate the message %T", message)
	}
	return nil
}

func (x *session) expect(message pgproto3.FrontendMessage) {
	x.server.Send(message)
	x.expected++
}

func (x *session) parse(m *pgproto3.Parse) error {
	commands, err := x.owner.translator.Translate(m.Query)
	if err == nil && len(commands) > 1 {
		err = &dialect.Error{Code: "42601", Message: "cannot insert multiple commands into a prepared statement"}
	}
	if err != nil {
		return x.refuseParse(err)
	}
	command := dialect.Command{}
	if len(commands) == 1 {
		command = commands[0]
	}
	x.statements[m.Name] = command
	parse := *m
	parse.Query = command.SQL
	if command.Action == dialect.Copy {
		parse.Query = placeholder
	}
	x.expect(&parse)
	return nil
}

// refuseParse lets PostgreSQL refuse a statement of its own, so that its state is true, and gives the client the reason.
func (x *session) refuseParse(reason error) error {
	if err := x.drain(); err != nil || x.skipping {
		return err
	}
	x.server.Send(&pgproto3.Parse{Query: "refused"})
	x.server.Send(&pgproto3.Flush{})
	if err := x.server.Flush(); err != nil {
		return fmt.Errorf("refuse a statement: %w", err)
	}
	for {
		message, err := x.server.Receive()
		if err != nil {
			return fmt.Errorf("refuse a statement: %w", err)
		}
		if _, ok := message.(*pgproto3.ErrorResponse); ok {
			x.skipping = true
			x.client.Send(errorResponse(reason))
			return nil
		}
	}
}

func (x *session) bind(m *pgproto3.Bind) error {
	command := x.statements[m.PreparedStatement]
	if err := x.prepareBatchView(command); err != nil || x.skipping {
		return err
	}
	x.portals[m.DestinationPortal] = command
	x.expect(m)
	return nil
}

func (x *session) execute(ctx context.Context, m *pgproto3.Execute) error {
	command := x.portals[m.Portal]
	switch command.Action {
	case dialect.Copy:
		return x.executeCopy(ctx, command)
	case dialect.Commit:
		return x.executeCommit(m, command)
	case dialect.Truncate:
		x.truncated = true
	}
	if command.Action == dialect.Alone && x.status != idle {
		return x.refuseParse(insideTransaction())
	}
	if cancelled, err := x.executeSlowly(ctx); err != nil || cancelled {
		return err
	}
	x.executed = command
	x.expect(m)
	return nil
}

// executeSlowly waits before an Execute if the faults say so; what came before it is answered first.
func (x *session) executeSlowly(ctx context.Context) (cancelled bool, err error) {
	if x.owner.faults.wait() == 0 {
		return false, nil
	}
	if err := x.drain(); err != nil || x.skipping {
		return x.skipping, err
	}
	x.skipping, err = x.delay(ctx)
	return x.skipping, err
}

// executeCopy runs a prepared COPY. It closes PostgreSQL's implicit transaction, which holds nothing else: drivers send
// Sync after each Execute.
func (x *session) executeCopy(ctx context.Context, command dialect.Command) error {
	if err := x.drain(); err != nil || x.skipping {
		return err
	}
	refused, err := x.copy(ctx, command.Copy)
	x.skipping = refused
	return err
}

func (x *session) executeCommit(m *pgproto3.Execute, command dialect.Command) error {
	fault := x.owner.faults.atCommit(x.status == open)
	if fault == noFault {
		x.expect(m)
		return nil
	}
	if err := x.drain(); err != nil || x.skipping {
		return err
	}
	switch fault {
	case conflictAtCommit:
		if _, _, err := x.ask("rollback"); err != nil {
			return err
		}
		x.client.Send(serializationError())
		x.skipping = true
		return nil
	case lostAfterCommit:
		if _, _, err := x.ask(command.SQL); err != nil {
			return err
		}
		return x.breakOff("after COMMIT")
	}
	return x.breakOff("before COMMIT")
}

// drain passes on all answers that PostgreSQL owes.
func (x *session) drain() error {
	if x.expected == 0 {
		return nil
	}
	x.server.Send(&pgproto3.Flush{})
	if err := x.server.Flush(); err != nil {
		return fmt.Errorf("ask PostgreSQL for its answers: %w", err)
	}
	for x.expected > 0 {
		message, err := x.server.Receive()
		if err != nil {
			return fmt.Errorf("read from PostgreSQL: %w", err)
		}
		x.pass(message, x.executed)
		switch message.(type) {
		case *pgproto3.ParseComplete, *pgproto3.BindComplete, *pgproto3.CloseComplete, *pgproto3.RowDescription, *pgproto3.NoData,
			*pgproto3.CommandComplete, *pgproto3.EmptyQueryResponse, *pgproto3.PortalSuspended:
			x.expected--
		case *pgproto3.ErrorResponse:
			x.skipping = true
			x.expected = 0
		}
	}
	return nil
}

// sync ends a batch: all answers, then the state.
func (x *session) sync() error {
	x.server.Send(&pgproto3.Sync{})
	if err := x.server.Flush(); err != nil {
		return fmt.Errorf("hand Sync on: %w", err)
	}
	refused, err := x.relay(x.executed)
	if err != nil {
		return err
	}
	if x.truncated && !refused && x.status == open {
		if _, _, err := x.ask("commit"); err != nil {
			return err
		}
	}
	x.expected, x.skipping, x.truncated, x.executed = 0, false, false, dialect.Command{}
	return x.ready()
}

// breakOff resets the client's connection, as a network does.
func (x *session) breakOff(when string) error {
	if tcp, ok := x.conn.(interface{ SetLinger(int) error }); ok {
		if err := tcp.SetLinger(0); err != nil {
			return fmt.Errorf("break off %s: %w", when, err)
		}
	}
	return errors.New("connection lost " + when + ", by order")
}
