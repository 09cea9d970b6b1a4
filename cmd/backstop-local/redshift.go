package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/spf13/cobra"

	"backstop/local/clock"
	"backstop/local/redshift/load"
	"backstop/local/stack"
)

type redshiftFlags struct {
	state                string
	ports                stack.Ports
	migrate              bool
	control              int
	s3                   string
	region, bucketRegion string
	limits               load.Limits
}

// noControl stands for the control port that nobody asked for.
const noControl = -1

func (p *program) redshiftCommand() *cobra.Command {
	f := redshiftFlags{limits: load.RedshiftLimits()}
	cmd := &cobra.Command{
		Use:   "redshift",
		Short: "Run the Redshift stand-in alone, with an S3 for COPY",
		Long: "Run the Redshift stand-in alone, with a PostgreSQL behind it and an S3 for COPY.\n\n" +
			"The first line of stdout is its URL, the second that of its S3, the third, with --control-port, that of its faults. It ends when it is interrupted, or when a pipe that it has as stdin is closed.",
		Example: "  backstop-local redshift --warehouse-port 5439 --state .local/redshift\n" +
			"  backstop-local redshift --control-port 9090    # and then: curl -X POST 'http://127.0.0.1:9090/faults/copy-file?n=2'\n" +
			"  backstop-local redshift --s3 http://127.0.0.1:9000 --bucket-region eu-west-1",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("control-port") {
				f.control = noControl
			}
			return p.redshift(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.state, "state", "", "folder that keeps the data; without it the data goes when the stand-in ends")
	flags.BoolVar(&f.migrate, "migrate", false, "make Backstop's landing tables in it")
	flags.IntVar(&f.ports.Warehouse, "warehouse-port", 0, "port on 127.0.0.1, 0 for a free one")
	flags.IntVar(&f.ports.S3, "s3-port", 0, "port of S3 on 127.0.0.1, 0 for a free one")
	flags.StringVar(&f.s3, "s3", "", "URL of an S3 that is there already, for the AWS credentials of the environment; without it the stand-in has its own")
	flags.StringVar(&f.region, "region", "us-east-1", "region of the cluster: where COPY looks for a bucket unless it names another")
	flags.StringVar(&f.bucketRegion, "bucket-region", "", "region of the buckets (default: the cluster's)")
	flags.IntVar(&f.limits.Document, "document-limit", f.limits.Document, "bytes of the longest document that COPY takes")
	flags.IntVar(&f.limits.String, "string-limit", f.limits.String, "bytes of the longest string in a document; a cluster may be set to 16000000")
	flags.IntVar(&f.control, "control-port", 0, "port on 127.0.0.1 that takes orders for faults by HTTP, 0 for a free one; without it there is none")
	return cmd
}

func (p *program) redshift(ctx context.Context, f redshiftFlags) (err error) {
	o, err := p.redshiftOptions(ctx, f)
	if err != nil {
		return err
	}
	if o.State == "" {
		if o.State, err = os.MkdirTemp("", "backstop-redshift-"); err != nil {
			return fmt.Errorf("make a folder for the data: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.State)) }()
		if err := os.Chmod(o.State, 0o755); err != nil { // root's PostgreSQL runs as another user
			return fmt.Errorf("open the folder for the data: %w", err)
		}
	}
	s, err := stack.StartWarehouse(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, s.Stop(stopping))
	}()
	if f.migrate {
		if err := s.Backstop(ctx, "migrate", "--json"); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stdout, "%s\n%s\n", s.Endpoints.Warehouse, s.Endpoints.S3)
	if f.control != noControl {
		stop, err := p.serveControl(f.control, s.Warehouse.Handler())
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

func (p *program) redshiftOptions(ctx context.Context, f redshiftFlags) (o stack.Options, err error) {
	o = stack.Options{Root: p.root, State: f.state, Clock: clock.Real(), Ports: f.ports, ClusterRegion: f.region, BucketRegion: f.bucketRegion, CopyLimits: f.limits}
	if o.PostgresBin, err = p.postgresBin(); err != nil {
		return o, err
	}
	if o.Zone, err = p.zone(); err != nil || f.s3 == "" {
		return o, err
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(cmp.Or(f.bucketRegion, f.region)))
	if err != nil {
		return o, fmt.Errorf("read the AWS configuration: %w", err)
	}
	o.S3 = s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.BaseEndpoint, o.UsePathStyle = &f.s3, true
		o.DisableLogOutputChecksumValidationSkipped = true // not every S3 keeps checksums, and COPY asks for none
	})
	return o, nil
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
