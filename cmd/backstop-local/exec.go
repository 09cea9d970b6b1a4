package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"
)

func (p *program) execCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "exec PROGRAM [ARGUMENT …]",
		Short:              "Run a program, such as backstop or dbt, with the settings of the stack that is up",
		Example:            "  backstop-local exec backstop status --from 2026-11-20 --to 2026-11-20",
		DisableFlagParsing: true,
		RunE:               func(cmd *cobra.Command, args []string) error { return p.exec(cmd.Context(), args) },
	}
}

func (p *program) exec(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		return usageError{errors.New("name a program: backstop-local exec backstop status")}
	}
	info, err := p.running()
	if err != nil {
		return err
	}
	environment := append(os.Environ(), "PATH="+filepath.Join(p.root, ".local", "bin")+string(os.PathListSeparator)+p.getenv("PATH"))
	for name, value := range info.Environment {
		environment = append(environment, name+"="+value)
	}
	program := args[0]
	if own := filepath.Join(p.root, ".local", "bin", program); exists(own) {
		program = own
	}
	cmd := exec.CommandContext(ctx, program, args[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = environment, os.Stdin, p.stdout, p.stderr
	var failed *exec.ExitError
	if err := cmd.Run(); errors.As(err, &failed) {
		return programError{failed.ExitCode()}
	} else if err != nil {
		return fmt.Errorf("run %s: %w", args[0], err)
	}
	return nil
}

// programError is the exit code of a program that has said itself what was wrong.
type programError struct{ code int }

func (e programError) Error() string { return fmt.Sprintf("it ended with exit code %d", e.code) }

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func (p *program) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show [warehouse_dsn]",
		Short:   "Print how to reach the stack that is up, or the warehouse's URL alone",
		Example: `  psql "$(backstop-local show warehouse_dsn)"`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			info, err := p.running()
			if err != nil {
				return err
			}
			if len(args) == 1 && args[0] == "warehouse_dsn" {
				fmt.Fprintln(p.stdout, info.WarehouseDSN)
				return nil
			}
			return p.show(info)
		},
	}
}
