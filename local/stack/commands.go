package stack

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"backstop/local/airflow"
)

// Environ is this program's own environment, with the stack's settings in place of any that stand there.
func (s *Stack) Environ() []string {
	environment := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, "BACKSTOP_") || strings.HasPrefix(pair, "AWS_")
	})
	settings := s.Environment()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		environment = append(environment, name+"="+settings[name])
	}
	return environment
}

// Run runs a program of the product on the stack; what it says goes to a log, and its end into the error if it fails.
func (s *Stack) Run(ctx context.Context, log, program string, arguments ...string) error {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, arguments...)
	cmd.Env, cmd.Stdout, cmd.Stderr = s.Environ(), &said, &said
	failure := cmd.Run()
	if err := appendFile(filepath.Join(s.Logs(), log+".log"), said.Bytes()); err != nil {
		return err
	}
	if failure != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(arguments, " "), failure, tail(said.String(), 30))
	}
	return nil
}

// Backstop runs the command line of the product on the stack.
func (s *Stack) Backstop(ctx context.Context, arguments ...string) error {
	return s.Run(ctx, "backstop", s.Environment()["BACKSTOP_BIN"], arguments...)
}

// PrepareWarehouse makes the landing tables, and what of dbt's is made once. It may be called again.
func (s *Stack) PrepareWarehouse(ctx context.Context) error {
	if err := s.Backstop(ctx, "migrate", "--json"); err != nil {
		return err
	}
	environment := s.Environment()
	project, target := environment["BACKSTOP_DBT_PROJECT"], filepath.Join(environment["BACKSTOP_RUN_DIR"], "setup")
	return s.Run(ctx, "dbt", environment["BACKSTOP_DBT_BIN"], "build", "--select", "tag:setup", "--exclude-resource-type", "unit_test",
		"--project-dir", project, "--profiles-dir", project, "--target-path", target, "--log-path", target)
}

// DescribeMarts writes what dbt and the warehouse say of every model and column as one page, and gives its file.
func (s *Stack) DescribeMarts(ctx context.Context) (string, error) {
	environment := s.Environment()
	project, target := environment["BACKSTOP_DBT_PROJECT"], s.kept("docs")
	err := s.Run(ctx, "dbt", environment["BACKSTOP_DBT_BIN"], "docs", "generate", "--static", "--vars", `{"run_id": "docs", "days": []}`,
		"--project-dir", project, "--profiles-dir", project, "--target-path", target, "--log-path", target)
	return filepath.Join(target, "static_index.html"), err
}

// StartAirflow starts an Airflow that runs the DAGs on this stack. By timetable, too, if schedule is set.
func (s *Stack) StartAirflow(ctx context.Context, schedule bool) (*airflow.Airflow, error) {
	dags := filepath.Join(s.options.Root, "dags")
	a, err := airflow.Start(ctx, airflow.Options{
		Venv: filepath.Join(dags, ".venv"), Dags: dags, Home: s.kept("airflow"), Database: s.Postgres.DSN(airflowDatabase),
		Port: s.options.Ports.Airflow, Environment: s.Environ(), Schedule: schedule,
	})
	if err != nil {
		return nil, fmt.Errorf("start Airflow: %w", err)
	}
	return a, nil
}

func appendFile(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open a log: %w", err)
	}
	if _, err := file.Write(text); err != nil {
		file.Close()
		return fmt.Errorf("write a log: %w", err)
	}
	return file.Close()
}

// tail is the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
