package redshift

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/lib/pq"

	"backstop/local/redshift/dialect"
)

// lastLoad is what a session knows of its last COPY. The session's own views of it (pg_last_copy_count(), sys_load_detail …)
// read it from a setting, because the transaction's snapshot may be older than the journal's rows. The setting is written
// before a statement that asks.
type lastLoad struct {
	record loadRecord
	known  bool
}

// take remembers a COPY. One that failed by its data is remembered, too, with the count 0, so that its id leads to the errors; another
// failure only sets the count to 0.
// Source: Amazon Redshift Database Developer Guide, "PG_LAST_COPY_ID" and "PG_LAST_COPY_COUNT".
func (l *lastLoad) take(r loadRecord, loaded bool) {
	if !loaded && len(r.errors) == 0 {
		l.record.Count = 0
		return
	}
	l.record, l.known = r, true
}

// loadsEnded settles what the session remembers when a transaction ends: a COPY that is rolled back is forgotten.
func (x *session) loadsEnded(committed bool) {
	if committed {
		x.settled = x.last
	} else {
		x.last = x.settled
	}
}

func (l *lastLoad) text() (string, error) {
	if !l.known {
		return "", nil
	}
	text, err := json.Marshal(l.record)
	if err != nil {
		return "", fmt.Errorf("tell the last load: %w", err)
	}
	return string(text), nil
}

// viewSettings are the session's settings that the commands look at. They are set for no other statement: setting them takes
// a snapshot, which LOCK, as a transaction's first statement, must come before.
func (x *session) viewSettings(commands ...dialect.Command) ([][2]string, error) {
	if x.status == failed {
		return nil, nil
	}
	var out [][2]string
	for _, c := range commands {
		if c.SeesLoads {
			text, err := x.last.text()
			if err != nil {
				return nil, err
			}
			out = append(out, [2]string{"redshift.last_load", text})
			break
		}
	}
	for _, c := range commands {
		if c.SeesClock && x.owner.options.Now != nil {
			return append(out, [2]string{"redshift.now", timestamp(x.owner.now())}), nil
		}
	}
	return out, nil
}

// prepareView makes the next statements of the simple protocol see the last load and the stand-in's clock.
func (x *session) prepareView(commands ...dialect.Command) error {
	settings, err := x.viewSettings(commands...)
	if err != nil {
		return err
	}
	for _, s := range settings {
		_, refusal, err := x.ask("select set_config(" + pq.QuoteLiteral(s[0]) + ", " + pq.QuoteLiteral(s[1]) + ", false)")
		if err != nil {
			return err
		}
		if refusal != nil {
			return fmt.Errorf("set %s: %s", s[0], refusal.Message)
		}
	}
	return nil
}

// prepareBatchView does the same in the middle of a batch of the extended protocol. It disturbs neither its transaction nor its unnamed
// statement.
func (x *session) prepareBatchView(command dialect.Command) error {
	settings, err := x.viewSettings(command)
	if err != nil || len(settings) == 0 {
		return err
	}
	if err := x.drain(); err != nil || x.skipping {
		return err
	}
	for _, s := range settings {
		if err := x.setInBatch(s[0], s[1]); err != nil {
			return err
		}
	}
	return nil
}

// setInBatch writes a session setting by a statement and a portal of the stand-in's own.
func (x *session) setInBatch(name, value string) error {
	const own = "stand-in"
	x.server.Send(&pgproto3.Parse{Name: own, Query: "select set_config($1, $2, false)"})
	x.server.Send(&pgproto3.Bind{DestinationPortal: own, PreparedStatement: own, Parameters: [][]byte{[]byte(name), []byte(value)}})
	x.server.Send(&pgproto3.Execute{Portal: own})
	x.server.Send(&pgproto3.Close{ObjectType: 'P', Name: own})
	x.server.Send(&pgproto3.Close{ObjectType: 'S', Name: own})
	x.server.Send(&pgproto3.Flush{})
	if err := x.server.Flush(); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	for closed := 0; closed < 2; {
		message, err := x.server.Receive()
		if err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
		switch m := message.(type) {
		case *pgproto3.CloseComplete:
			closed++
		case *pgproto3.ErrorResponse:
			return fmt.Errorf("set %s: %s", name, m.Message)
		}
	}
	return nil
}
