package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"backstop/loader"

	"github.com/spf13/cobra"
)

// The exit codes are the interface to schedulers: only exitTransient is worth an automatic retry.
const (
	exitDone          = 0
	exitUsage         = 2
	exitTransient     = 10
	exitConfiguration = 20
	exitData          = 30
)

// usageError is a mistake in the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitCode maps the class of an error to the code that the process ends with.
func exitCode(err error) int {
	var wrong usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		return exitUsage
	}
	switch loader.ClassOf(err) {
	case loader.Transient:
		return exitTransient
	case loader.Data:
		return exitData
	default:
		return exitConfiguration
	}
}

// program is what the verbs share: the world as they may touch it.
type program struct {
	getenv   func(string) string
	now      func() time.Time
	stdout   io.Writer
	stderr   io.Writer
	asJSON   bool
	answered bool // the JSON result is on stdout
}

// run is main without the process: it answers the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	p := &program{getenv: getenv, now: time.Now, stdout: stdout, stderr: stderr}
	return p.run(ctx, args, stdin)
}

func (p *program) run(ctx context.Context, args []string, stdin io.Reader) int {
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	verb, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	code := exitCode(err)
	fmt.Fprintf(p.stderr, "backstop: %v\n", err)
	if code == exitUsage {
		fmt.Fprintln(p.stderr, "`backstop <verb> -h` shows an example.")
	}
	if p.asJSON && !p.answered {
		name := strings.TrimSpace(strings.TrimPrefix(verb.CommandPath(), root.Name()))
		if err := p.answer(map[string]any{"verb": name, "error": err.Error(), "exit_code": code}); err != nil {
			fmt.Fprintf(p.stderr, "backstop: %v\n", err)
		}
	}
	return code
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "backstop",
		Short: "Load, fetch and watch the warehouse behind an ad network's postbacks",
		Long: `backstop loads archived postbacks and TUNE's rows into Redshift and says what is loaded.

Environment:
  BACKSTOP_WAREHOUSE_DSN  postgres://user:password@host:5439/database?sslmode=verify-full
  BACKSTOP_ARCHIVE        s3://bucket of the archive
  BACKSTOP_COPY_ROLE      ARN of the role with which Redshift reads the archive
  AWS_REGION              of the archive; credentials as for every AWS tool
  BACKSTOP_TIME_ZONE      of the network, like America/New_York
  BACKSTOP_TUNE_API       https://NETWORK.api.hasoffers.com
  BACKSTOP_TUNE_SECRET    secret with TUNE's network_token (default backstop/tune)

Exit codes: 0 done or nothing to do, 2 usage, 10 transient (try again), 20 configuration or permission, 30 data.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no verb %q; `backstop -h` lists them", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().BoolVar(&p.asJSON, "json", false, "write the result as one JSON object, the last line of stdout")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%w", err) })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddGroup(&cobra.Group{ID: "warehouse", Title: "Warehouse:"}, &cobra.Group{ID: "ingest", Title: "Ingest:"},
		&cobra.Group{ID: "billing", Title: "Billing:"})
	for _, verb := range []*cobra.Command{p.loadCommand(), p.planCommand(), p.statusCommand(), p.fetchCommand(), p.migrateCommand(), p.purgeCommand()} {
		verb.GroupID = "warehouse"
		root.AddCommand(verb)
	}
	routes := p.routesCommand()
	routes.GroupID = "ingest"
	invoices := p.billingCommand()
	invoices.GroupID = "billing"
	root.AddCommand(routes, invoices)
	return root
}

// noArguments refuses words after a verb, naming them.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("unexpected %q; everything is given by flags", strings.Join(args, " "))
	}
	return nil
}
