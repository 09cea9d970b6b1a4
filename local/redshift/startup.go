package redshift

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"
)

// serverVersion is what Redshift has always reported; drivers tell it by that.
const serverVersion = "8.0.2"

// backendKey names a session in a cancel request.
type backendKey struct {
	process uint32
	secret  string
}

// open brings a client through startup and login. The session is nil after a cancel request.
func (s *server) open(ctx context.Context, conn net.Conn) (*session, error) {
	client := pgproto3.NewBackend(conn, conn)
	for {
		message, err := client.ReceiveStartupMessage()
		if err != nil {
			return nil, fmt.Errorf("read a client's startup: %w", err)
		}
		switch m := message.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := conn.Write([]byte{'N'}); err != nil {
				return nil, fmt.Errorf("decline encryption: %w", err)
			}
		case *pgproto3.CancelRequest:
			return nil, s.cancel(ctx, m)
		case *pgproto3.StartupMessage:
			return s.login(ctx, conn, client, m)
		}
	}
}

// login opens the client's own connection to PostgreSQL and passes the authentication through.
func (s *server) login(ctx context.Context, conn net.Conn, client *pgproto3.Backend, m *pgproto3.StartupMessage) (*session, error) {
	if s.faults.refusesLogin() {
		return nil, refuseLogin(client, m.Parameters["user"])
	}
	var dialer net.Dialer
	upstream, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		client.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P03", Message: "the database behind the stand-in is not there"})
		return nil, errors.Join(fmt.Errorf("reach PostgreSQL: %w", err), client.Flush())
	}
	x := newSession(s, conn, client, upstream, m.Parameters["database"])
	if x.database == "" {
		x.database = m.Parameters["user"]
	}
	x.server.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: startupParameters(m.Parameters)})
	if err := x.authenticate(); err != nil {
		x.close()
		return nil, err
	}
	s.register(x)
	return x, nil
}

func refuseLogin(client *pgproto3.Backend, user string) error {
	client.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28000", Message: fmt.Sprintf("password authentication failed for user %q", user)})
	return client.Flush()
}

// startupParameters keeps what PostgreSQL knows of a client's wishes (redshift_connector sends a dozen that it does not)
// and makes the session one of Redshift's: snapshot isolation, UTC.
func startupParameters(wished map[string]string) map[string]string {
	kept := map[string]string{"default_transaction_isolation": "repeatable read", "TimeZone": "UTC"}
	for _, name := range []string{"user", "database", "application_name", "client_encoding", "DateStyle", "datestyle", "options", "search_path"} {
		if value, ok := wished[name]; ok {
			kept[name] = value
		}
	}
	if kept["client_encoding"] == "utf-8" {
		kept["client_encoding"] = "utf8"
	}
	return kept
}

// authenticate passes messages between both sides until the server is ready.
func (x *session) authenticate() error {
	if err := x.server.Flush(); err != nil {
		return fmt.Errorf("greet PostgreSQL: %w", err)
	}
	for {
		message, err := x.server.Receive()
		if err != nil {
			return fmt.Errorf("log in to PostgreSQL: %w", err)
		}
		answer, done, err := x.authenticationStep(message)
		if err != nil {
			return err
		}
		if done {
			return x.client.Flush()
		}
		if answer {
			if err := x.passPassword(); err != nil {
				return err
			}
		}
	}
}

func (x *session) authenticationStep(message pgproto3.BackendMessage) (answer, done bool, err error) {
	kind := uint32(pgproto3.AuthTypeOk)
	switch m := message.(type) {
	case *pgproto3.AuthenticationCleartextPassword:
		kind = pgproto3.AuthTypeCleartextPassword
	case *pgproto3.AuthenticationMD5Password:
		kind = pgproto3.AuthTypeMD5Password
	case *pgproto3.AuthenticationSASL:
		kind = pgproto3.AuthTypeSASL
	case *pgproto3.AuthenticationSASLContinue:
		kind = pgproto3.AuthTypeSASLContinue
	case *pgproto3.BackendKeyData:
		x.key = backendKey{process: m.ProcessID, secret: string(m.SecretKey)}
	case *pgproto3.ParameterStatus:
		if m, ok := reported(m); ok {
			x.client.Send(m)
		}
		return false, false, nil
	case *pgproto3.ErrorResponse:
		x.client.Send(m)
		return false, false, errors.Join(fmt.Errorf("login refused: %s", m.Message), x.client.Flush())
	case *pgproto3.ReadyForQuery:
		x.status = m.TxStatus
		done = true
	}
	x.client.Send(message)
	if kind == pgproto3.AuthTypeOk {
		return false, done, nil
	}
	return true, false, x.client.SetAuthType(kind)
}

func (x *session) passPassword() error {
	if err := x.client.Flush(); err != nil {
		return fmt.Errorf("ask for the password: %w", err)
	}
	answer, err := x.client.Receive()
	if err != nil {
		return fmt.Errorf("read the password: %w", err)
	}
	x.server.Send(answer)
	if err := x.server.Flush(); err != nil {
		return fmt.Errorf("pass the password: %w", err)
	}
	return nil
}

// reported keeps the server parameters that Redshift reports, too, and its version.
func reported(m *pgproto3.ParameterStatus) (*pgproto3.ParameterStatus, bool) {
	switch m.Name {
	case "server_version":
		return &pgproto3.ParameterStatus{Name: m.Name, Value: serverVersion}, true
	case "client_encoding", "DateStyle", "integer_datetimes", "is_superuser", "server_encoding", "session_authorization", "TimeZone":
		return m, true
	}
	return nil, false
}

func (s *server) register(x *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[x.key] = x
}

func (s *server) forget(x *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[x.key] == x {
		delete(s.running, x.key)
	}
}

// cancel stops the session's COPY, if it runs one, and hands the request on to PostgreSQL.
func (s *server) cancel(ctx context.Context, m *pgproto3.CancelRequest) error {
	s.mu.Lock()
	x := s.running[backendKey{process: m.ProcessID, secret: string(m.SecretKey)}]
	s.mu.Unlock()
	if x == nil {
		return nil
	}
	x.cancelCopy()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("pass a cancel request: %w", err)
	}
	defer conn.Close()
	request, err := m.Encode(nil)
	if err != nil {
		return fmt.Errorf("pass a cancel request: %w", err)
	}
	if _, err := conn.Write(request); err != nil {
		return fmt.Errorf("pass a cancel request: %w", err)
	}
	_, err = io.Copy(io.Discard, conn) // PostgreSQL closes when it has acted
	return err
}
