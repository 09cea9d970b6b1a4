// Package stack starts and supervises everything that Backstop needs, on 127.0.0.1: PostgreSQL with the Redshift stand-in before it, SQS,
// Firehose, S3, Secrets Manager, the Lambda functions with their event source, the HTTP front, and TUNE. It reads deploy/template.yaml for
// queues, timeouts, batch sizes, prefixes and environment; the functions run as they are deployed.
//
// What lasts is kept in one folder, the state: archive, warehouse, queues, TUNE's account, logins. A stack that is opened on it goes on from there.
package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"backstop/local/clock"
	"backstop/local/firehose"
	"backstop/local/lambdahost"
	"backstop/local/postgres"
	"backstop/local/redshift"
	"backstop/local/redshift/load"
	"backstop/local/s3"
	"backstop/local/sqs"
	"backstop/local/template"
	"backstop/local/tune"
)

// Options says where a stack stands and how it runs.
type Options struct {
	Root        string         // the checkout
	State       string         // folder of what lasts; made when missing
	PostgresBin string         // folder of PostgreSQL's binaries
	Clock       *clock.Clock   // time of the stand-ins
	Zone        *time.Location // the network's time zone
	Seed        uint64         // of TUNE's ids
	Speed       float64        // how many times faster than real time the queue's timeouts and windows pass; 1 when 0
	FlushEvery  time.Duration  // Firehose delivers at least so often on a real clock; its own interval when 0
	TuneFaults  tune.Faults
	Ports       Ports
	S3          *awss3.Client // an S3 that is there already; one of the stack's own when nil

	ClusterRegion, BucketRegion string      // as in redshift.Options
	CopyLimits                  load.Limits // as in redshift.Options
}

// Ports are the ports to listen on; 0 takes a free one.
type Ports struct {
	Front, Warehouse, Postgres, S3, SQS, Firehose, Secrets, Tune, Airflow int
}

// Stack is a running stack.
type Stack struct {
	Postgres  *postgres.Server
	Warehouse *redshift.Faults // what the warehouse is made to fail at
	Queues    *sqs.Server
	Streams   *firehose.Server
	Archive   *s3.Store
	Tune      *tune.Server
	Functions map[string]*lambdahost.Host // by name
	Endpoints Endpoints
	Secrets   Secrets

	warehouseAddress *net.TCPAddr

	options  Options
	template *template.Template
	log      *slog.Logger
	stops    []stop // in the order of the starts
}

type stop struct {
	what string
	do   func(context.Context) error
}

// part is something that a stack starts.
type part struct {
	what  string
	start func(*Stack, context.Context) error
}

func warehouseParts() []part {
	return []part{
		{"start the archive", (*Stack).startArchive},
		{"start PostgreSQL", (*Stack).startPostgres},
		{"start the warehouse", (*Stack).startWarehouse},
	}
}

// Start starts the stack or, if a part of it cannot start, nothing: what had started is stopped again.
func Start(ctx context.Context, o Options) (*Stack, error) {
	return launch(ctx, o, append(warehouseParts(),
		part{"start the queues and streams", (*Stack).startQueues},
		part{"start TUNE", (*Stack).startTune},
		part{"start the functions", (*Stack).startFunctions},
	))
}

// StartWarehouse starts the archive and the warehouse alone.
func StartWarehouse(ctx context.Context, o Options) (*Stack, error) {
	return launch(ctx, o, warehouseParts())
}

func launch(ctx context.Context, o Options, parts []part) (*Stack, error) {
	if o.Speed == 0 {
		o.Speed = 1
	}
	s := &Stack{options: o, Functions: map[string]*lambdahost.Host{}}
	if err := s.start(ctx, parts); err != nil {
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return nil, errors.Join(err, s.Stop(cleanup))
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context, parts []part) error {
	if err := s.openState(); err != nil {
		return err
	}
	for _, p := range parts {
		if err := p.start(s, ctx); err != nil {
			return fmt.Errorf("%s: %w", p.what, err)
		}
	}
	return nil
}

// Stop ends everything in the reverse of the order in which it started. Nothing that was acknowledged is lost.
func (s *Stack) Stop(ctx context.Context) error {
	var failures []error
	for len(s.stops) > 0 {
		last := s.stops[len(s.stops)-1]
		s.stops = s.stops[:len(s.stops)-1]
		if err := last.do(ctx); err != nil {
			failures = append(failures, fmt.Errorf("stop %s: %w", last.what, err))
		}
	}
	return errors.Join(failures...)
}

// Drain waits until every postback that was received has been forwarded, or given up to the dead-letter queue.
func (s *Stack) Drain(ctx context.Context) error {
	for _, q := range s.fed() {
		if err := q.WaitEmpty(ctx); err != nil {
			return fmt.Errorf("wait until the queue %s is empty: %w", q.Name(), err)
		}
	}
	return nil
}

// fed lists the queues that feed a function; dead-letter queues keep what they hold.
func (s *Stack) fed() []*sqs.Queue {
	var queues []*sqs.Queue
	for _, f := range s.template.Functions {
		for _, m := range f.Mappings {
			queues = append(queues, s.Queues.Queue(queueName(m.QueueARN)))
		}
	}
	return queues
}

// Settle drains the queue and has Firehose deliver what it holds, so that the archive is complete.
func (s *Stack) Settle(ctx context.Context) error {
	if err := s.Drain(ctx); err != nil {
		return err
	}
	if err := s.Streams.Flush(ctx); err != nil {
		return fmt.Errorf("deliver the streams: %w", err)
	}
	return nil
}

// Logs is the folder of everything that the stack's programs say.
func (s *Stack) Logs() string { return filepath.Join(s.options.State, "logs") }

func (s *Stack) atStop(what string, do func(context.Context) error) {
	s.stops = append(s.stops, stop{what, do})
}

func (s *Stack) openState() error {
	if err := os.MkdirAll(s.Logs(), 0o755); err != nil {
		return fmt.Errorf("make the state's folder: %w", err)
	}
	file, err := s.openLog("stack")
	if err != nil {
		return err
	}
	s.log = slog.New(slog.NewJSONHandler(file, nil))
	return nil
}

// openLog opens a log below the state; it is closed when the stack has stopped.
func (s *Stack) openLog(name string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(s.Logs(), name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	s.atStop("the log of "+name, func(context.Context) error { return file.Close() })
	return file, nil
}

func (s *Stack) kept(name string) string { return filepath.Join(s.options.State, name) }
