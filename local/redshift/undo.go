package redshift

import (
	"github.com/jackc/pgx/v5/pgproto3"

	"backstop/local/redshift/dialect"
	"backstop/local/redshift/load"
)

// undoable runs a COPY whose rows may have to go again after PostgreSQL has taken them: when more of them are bad than COPY tolerates,
// or when it only tries them (NOLOAD).
func (x *session) undoable(c *dialect.CopyStatement, run func() (load.Report, *pgproto3.ErrorResponse, error)) (load.Report, *pgproto3.ErrorResponse, error) {
	if c.Format == dialect.NoShred || c.Tolerated == 0 && !c.NoLoad {
		return run()
	}
	begin, keep, undo := "savepoint load", "release load", "rollback to load"
	inside := x.status == open
	if !inside {
		begin, keep, undo = "begin", "commit", "rollback"
	}
	if _, _, err := x.ask(begin); err != nil {
		return load.Report{}, nil, err
	}
	report, outcome, err := run()
	if err != nil {
		return report, outcome, err
	}
	end := keep
	switch {
	case outcome != nil && inside:
		return report, outcome, x.fail()
	case outcome != nil, c.NoLoad:
		end = undo
	}
	_, refusal, err := x.ask(end)
	if outcome == nil {
		outcome = refusal
	}
	return report, outcome, err
}
