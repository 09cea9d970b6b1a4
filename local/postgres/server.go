// Package postgres runs a PostgreSQL of its own on 127.0.0.1, from a folder of binaries, for the local stack and its tests.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/lib/pq"
)

const (
	host      = "127.0.0.1"
	startTime = 60 * time.Second
	// portTries bounds the races for a free port: between finding one and binding it, another program may take it.
	portTries = 5
)

// Options says which PostgreSQL to run and where.
type Options struct {
	Bin      string            // folder of initdb and postgres
	Data     string            // data folder, made when missing; see Server.Data for where it really is
	Port     int               // 0 takes a free one
	User     string            // superuser, "backstop" when empty
	Password string            // of the superuser, "backstop" when empty
	NoSync   bool              // trade safety against power loss for speed
	Settings map[string]string // further server settings
}

// Server is a running PostgreSQL.
type Server struct {
	Port     int
	User     string
	Password string
	Data     string // differs from Options.Data when root's data folder cannot be reached by the user that postgres runs as
	Bin      string // differs from Options.Bin for the same reason
	process  *process
}

// PortInUseError says that the wanted port is taken.
type PortInUseError struct{ Port int }

func (e *PortInUseError) Error() string {
	return fmt.Sprintf("port %d on %s is in use: stop the program that listens there or choose another port", e.Port, host)
}

// Start makes the cluster if its folder is empty, starts the server and returns once it answers. The server ends with
// Stop, and by itself when this program dies. A taken port is a *PortInUseError.
func Start(ctx context.Context, o Options) (*Server, error) {
	o = withDefaults(o)
	if o.Port != 0 && !portIsFree(o.Port) {
		return nil, &PortInUseError{Port: o.Port}
	}
	place, err := settle(ctx, o.Bin, o.Data)
	if err != nil {
		return nil, err
	}
	if err := initialise(ctx, place, o); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		s, err := launch(ctx, place, o)
		var taken *PortInUseError
		if o.Port == 0 && errors.As(err, &taken) && try < portTries {
			continue
		}
		return s, err
	}
}

func withDefaults(o Options) Options {
	if o.User == "" {
		o.User = "backstop"
	}
	if o.Password == "" {
		o.Password = "backstop"
	}
	return o
}

func launch(ctx context.Context, place place, o Options) (*Server, error) {
	port := o.Port
	if port == 0 {
		free, err := freePort()
		if err != nil {
			return nil, err
		}
		port = free
	}
	p, err := startProcess(place, serverArguments(place.data, port, o))
	if err != nil {
		return nil, err
	}
	s := &Server{Port: port, User: o.User, Password: o.Password, Data: place.data, Bin: place.bin, process: p}
	if err := s.waitUntilReady(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func serverArguments(data string, port int, o Options) []string {
	args := []string{"-D", data, "-p", strconv.Itoa(port)}
	settings := map[string]string{
		"listen_addresses":        host,
		"unix_socket_directories": "",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"max_connections":         "200",
		// Redshift's drivers know md5, not SCRAM.
		"password_encryption": "md5",
	}
	if o.NoSync {
		settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"] = "off", "off", "off"
	}
	for name, value := range o.Settings {
		settings[name] = value
	}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

func (s *Server) waitUntilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	db, err := sql.Open("postgres", s.DSN("postgres"))
	if err != nil {
		return fmt.Errorf("open PostgreSQL: %w", err)
	}
	defer db.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		var refused *pq.Error
		if errors.As(err, &refused) && refused.Code.Class() == "28" {
			return fmt.Errorf("log in to the PostgreSQL in %s (its folder was made with another user or password): %w", s.Data, err)
		}
		select {
		case <-s.process.done:
			return s.process.failure(s.Port)
		case <-ctx.Done():
			return fmt.Errorf("wait for PostgreSQL on port %d: %w; its log: %s", s.Port, ctx.Err(), logPath(s.Data))
		case <-tick.C:
		}
	}
}

// Stop shuts the server down, breaking open connections, and waits for its end. A second call does nothing.
func (s *Server) Stop() error { return s.process.stop() }

// Done is closed when the server has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.process.done }

// Address is host:port of the server.
func (s *Server) Address() string { return net.JoinHostPort(host, strconv.Itoa(s.Port)) }

// DSN is the URL of a database of this server, with the superuser's login.
func (s *Server) DSN(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(s.User, s.Password), Host: s.Address(), Path: "/" + database,
		RawQuery: "sslmode=disable"}
	return u.String()
}

// CreateDatabase makes an empty database; one that exists already stays as it is.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	db, err := sql.Open("postgres", s.DSN("postgres"))
	if err != nil {
		return fmt.Errorf("open PostgreSQL: %w", err)
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "create database "+pq.QuoteIdentifier(name))
	var exists *pq.Error
	if errors.As(err, &exists) && exists.Code == "42P04" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

func portIsFree(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func logPath(data string) string { return filepath.Join(data, "server.log") }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
