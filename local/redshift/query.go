package redshift

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"backstop/local/redshift/dialect"
)

// query carries out a message of the simple protocol: one statement or several.
func (x *session) query(ctx context.Context, sql string) error {
	commands, err := x.owner.translator.Translate(sql)
	if err != nil {
		if err := x.refuse(err); err != nil {
			return err
		}
		return x.ready()
	}
	if cancelled, err := x.delay(ctx); err != nil || cancelled {
		return errors.Join(err, x.ready())
	}
	if !special(commands) {
		if err := x.prepareView(commands...); err != nil {
			return err
		}
		if _, err := x.forward(join(commands), tagOf(commands)); err != nil {
			return err
		}
		return x.ready()
	}
	if err := x.oneByOne(ctx, commands); err != nil {
		return err
	}
	return x.ready()
}

// special is true when the statements cannot simply be handed on together.
func special(commands []dialect.Command) bool {
	for _, c := range commands {
		if c.Action != dialect.Run {
			return true
		}
	}
	return false
}

func join(commands []dialect.Command) string {
	texts := make([]string, len(commands))
	for i, c := range commands {
		texts[i] = c.SQL
	}
	return strings.Join(texts, ";")
}

func tagOf(commands []dialect.Command) dialect.Command {
	if len(commands) == 1 {
		return commands[0]
	}
	return dialect.Command{}
}

// oneByOne carries out statements among which are some that the stand-in takes part in. Together they are one transaction
// unless they say otherwise, as several statements in one message always are.
func (x *session) oneByOne(ctx context.Context, commands []dialect.Command) error {
	together := len(commands) > 1 && x.status == idle && !begins(commands)
	if together {
		if _, _, err := x.ask("begin"); err != nil {
			return err
		}
	}
	refused := false
	for _, c := range commands {
		var err error
		if refused, err = x.do(ctx, c); err != nil {
			return err
		}
		if refused {
			break
		}
	}
	switch {
	case !together || x.status == idle:
		return nil
	case refused:
		x.loadsEnded(false)
		_, _, err := x.ask("rollback")
		return err
	}
	x.loadsEnded(true)
	_, refusal, err := x.ask("commit")
	if refusal != nil {
		x.client.Send(redshiftError(refusal))
	}
	return err
}

func begins(commands []dialect.Command) bool {
	for _, c := range commands {
		first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(c.SQL)), " ")
		if first == "begin" || first == "start" {
			return true
		}
	}
	return false
}

// do carries out one statement and passes its answers on.
func (x *session) do(ctx context.Context, c dialect.Command) (refused bool, err error) {
	switch c.Action {
	case dialect.Copy:
		return x.copy(ctx, c.Copy)
	case dialect.Commit:
		return x.commit(c)
	case dialect.Alone:
		if x.status != idle {
			return true, x.refuse(insideTransaction())
		}
	case dialect.Truncate:
		refused, err := x.forward(c.SQL, c)
		if err == nil && !refused && x.status == open {
			_, _, err = x.ask("commit")
		}
		return refused, err
	}
	if err := x.prepareView(c); err != nil {
		return false, err
	}
	return x.forward(c.SQL, c)
}

// commit passes COMMIT on, or fails as the faults say.
func (x *session) commit(c dialect.Command) (refused bool, err error) {
	switch x.owner.faults.atCommit(x.status == open) {
	case conflictAtCommit:
		if _, _, err := x.ask("rollback"); err != nil {
			return true, err
		}
		x.client.Send(serializationError())
		return true, nil
	case lostBeforeCommit:
		return true, x.breakOff("before COMMIT")
	case lostAfterCommit:
		if _, _, err := x.ask(c.SQL); err != nil {
			return true, err
		}
		return true, x.breakOff("after COMMIT")
	}
	return x.forward(c.SQL, c)
}

func (x *session) forward(sql string, c dialect.Command) (refused bool, err error) {
	x.server.Send(&pgproto3.Query{String: sql})
	if err := x.server.Flush(); err != nil {
		return false, fmt.Errorf("hand a statement on: %w", err)
	}
	return x.relay(c)
}

func insideTransaction() error {
	return &dialect.Error{Code: "25001", Message: "ALTER TABLE ALTER COLUMN cannot run inside a transaction block", Hint: "Run it by itself."}
}

// refuse answers with an error of the stand-in's own. An open transaction fails with it, as it would on Redshift.
func (x *session) refuse(reason error) error {
	if err := x.fail(); err != nil {
		return err
	}
	x.client.Send(errorResponse(reason))
	return nil
}

// fail makes an open transaction fail, by a statement that has no meaning.
func (x *session) fail() error {
	if x.status != open {
		return nil
	}
	_, _, err := x.ask("refused")
	return err
}
