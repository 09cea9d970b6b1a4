package airflow_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"backstop/local/airflow"
)

const database = "postgres://airflow:canary-4711@127.0.0.1:1/airflow?sslmode=disable"

func TestTakenPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = airflow.Start(t.Context(), airflow.Options{Home: t.TempDir(), Port: port, Database: database})
	var taken *airflow.PortInUseError
	if !errors.As(err, &taken) || taken.Port != port {
		t.Errorf("got %v", err)
	}
}

func TestBadStartsSayWhatIsWrong(t *testing.T) {
	cases := map[string]struct {
		program  string // what stands where Airflow should be, "" for nothing
		database string
		words    string
	}{
		"no Airflow":     {"", database, "start Airflow's db migrate"},
		"no database":    {"#!/bin/sh\necho connection refused\nexit 1\n", database, "migrate Airflow's database: the db migrate of Airflow has ended (exit status 1): connection refused; its log: "},
		"silent failure": {"#!/bin/sh\nexit 3\n", database, "it said nothing"},
		"bad URL":        {"#!/bin/sh\n", "airflow.db", "postgres://user:password@host:port/name"},
		"crash":          {"#!/bin/sh\n[ $1 = db ] && exit 0\necho \"no space left\"; exit 1\n", database, "has ended (exit status 1): no space left"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			venv := t.TempDir()
			if c.program != "" {
				plant(t, venv, c.program)
			}
			_, err := airflow.Start(t.Context(), airflow.Options{Venv: venv, Home: t.TempDir(), Database: c.database})
			if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v, want %q", err, c.words)
			}
		})
	}
}

func TestOnlyGivenSettingsReachTheComponents(t *testing.T) {
	venv, home := t.TempDir(), t.TempDir()
	plant(t, venv, "#!/bin/sh\nenv > seen\nexit 1\n")
	_, err := airflow.Start(t.Context(), airflow.Options{
		Venv: venv, Home: home, Dags: "/my dags", Database: database,
		Environment: []string{"PATH=" + os.Getenv("PATH"), "BACKSTOP_BIN=b", "AIRFLOW__CORE__EXECUTOR=Other", "PYTHONPATH=/else"},
	})
	if err == nil {
		t.Fatal("a failed migration was not noticed")
	}
	data, err := os.ReadFile(filepath.Join(home, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	seen := string(data)
	for _, want := range []string{
		"BACKSTOP_BIN=b", "PYTHONPATH=/my dags", "AIRFLOW__CORE__EXECUTOR=LocalExecutor", "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE=False",
		"SQL_ALCHEMY_CONN=postgresql+psycopg2://airflow:canary-4711@127.0.0.1:1/airflow\n",
		"SQL_ALCHEMY_CONN_ASYNC=postgresql+asyncpg://airflow:canary-4711@127.0.0.1:1/airflow\n",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("the components do not get %s", want)
		}
	}
	for _, unwanted := range []string{"=Other", "/else"} {
		if strings.Contains(seen, unwanted) {
			t.Errorf("the components get %s", unwanted)
		}
	}
}

func TestLoginIsKept(t *testing.T) {
	venv, home := t.TempDir(), t.TempDir()
	plant(t, venv, "#!/bin/sh\nexit 1\n")
	var kept []string
	for range 2 {
		_, _ = airflow.Start(t.Context(), airflow.Options{Venv: venv, Home: home, Database: database})
		data, err := os.ReadFile(filepath.Join(home, "passwords.json"))
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, string(data))
	}
	if kept[0] != kept[1] {
		t.Errorf("the login changed from %s to %s", kept[0], kept[1])
	}
	info, err := os.Stat(filepath.Join(home, "passwords.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the login can be read by others: %v, %v", info.Mode(), err)
	}
}

func plant(t *testing.T, venv, program string) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(venv, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(venv, "bin", "airflow"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
}
