package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"backstop/local/clock"
	"backstop/local/stack"
)

func (p *program) redshiftCommand() *cobra.Command {
	var ports stack.Ports
	var state string
	var migrate bool
	var control int
	cmd := &cobra.Command{
		Use:   "redshift",
		Short: "Run the Redshift stand-in alone, with an S3 for COPY",
		Long: "Run the Redshift stand-in alone, with a PostgreSQL behind it and an S3 for COPY.\n\n" +
			"The first line of stdout is its URL, the second that of its S3, the third, with --control-port, that of its faults. It ends when it is interrupted, or when a pipe that it has as stdin is closed.",
		Example: "  backstop-local redshift --warehouse-port 5439 --state .local/redshift\n" +
			"  backstop-local redshift --control-port 9090    # and then: curl -X POST 'http://127.0.0.1:9090/faults/copy-file?n=2'",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("control-port") {
				control = noControl
			}
			return p.redshift(cmd.Context(), redshiftOptions{state: state, ports: ports, migrate: migrate, control: control})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&state, "state", "", "folder that keeps the data; without it the data goes when the stand-in ends")
	flags.BoolVar(&migrate, "migrate", false, "make Backstop's landing tables in it")
	flags.IntVar(&ports.Warehouse, "warehouse-port", 0, "port on 127.0.0.1, 0 for a free one")
	flags.IntVar(&ports.S3, "s3-port", 0, "port of S3 on 127.0.0.1, 0 for a free one")
	flags.IntVar(&control, "control-port", 0, "port on 127.0.0.1 that takes orders for faults by HTTP, 0 for a free one; without it there is none")
	return cmd
}

// noControl stands for the control port that nobody asked for.
const noControl = -1

type redshiftOptions struct {
	state   string
	ports   stack.Ports
	migrate bool
	control int
}

func (p *program) redshift(ctx context.Context, o redshiftOptions) (err error) {
	bin, err := p.postgresBin()
	if err != nil {
		return err
	}
	zone, err := p.zone()
	if err != nil {
		return err
	}
	if o.state == "" {
		if o.state, err = os.MkdirTemp("", "backstop-redshift-"); err != nil {
			return fmt.Errorf("make a folder for the data: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.state)) }()
		if err := os.Chmod(o.state, 0o755); err != nil { // root's PostgreSQL runs as another user
			return fmt.Errorf("open the folder for the data: %w", err)
		}
	}
	s, err := stack.StartWarehouse(ctx, stack.Options{Root: p.root, State: o.state, PostgresBin: bin, Clock: clock.Real(), Zone: zone, Ports: o.ports})
	if err != nil {
		return err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, s.Stop(stopping))
	}()
	if o.migrate {
		if err := s.Backstop(ctx, "migrate", "--json"); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stdout, "%s\n%s\n", s.Endpoints.Warehouse, s.Endpoints.S3)
	if o.control != noControl {
		stop, err := p.serveControl(o.control, s.Warehouse.Handler())
		if err != nil {
			return err
		}
		defer stop()
	}
	select {
	case <-ctx.Done():
		return nil
	case <-stdinClosed():
		return nil
	case <-s.Postgres.Done():
		return errors.New("PostgreSQL has ended")
	}
}

// serveControl opens the control port and tells its URL.
func (p *program) serveControl(port int, handler http.Handler) (stop func() error, err error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("open the control port: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go server.Serve(listener) // until Close
	fmt.Fprintf(p.stdout, "http://%s\n", listener.Addr())
	return server.Close, nil
}

// stdinClosed is closed when a pipe that feeds this program ends: a parent that dies takes the stand-in with it.
func stdinClosed() <-chan struct{} {
	closed := make(chan struct{})
	if info, err := os.Stdin.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return closed
	}
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, os.Stdin) // whatever ends it, it has ended
	}()
	return closed
}
