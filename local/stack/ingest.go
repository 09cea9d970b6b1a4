package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"backstop/local/eventsource"
	"backstop/local/firehose"
	"backstop/local/gateway"
	"backstop/local/lambdahost"
	"backstop/local/secrets"
	"backstop/local/sqs"
	"backstop/local/template"
)

// startQueues starts SQS, Firehose and Secrets Manager with what deploy/template.yaml declares.
func (s *Stack) startQueues(ctx context.Context) error {
	listener, err := listen("SQS", s.options.Ports.SQS)
	if err != nil {
		return err
	}
	s.Endpoints.SQS = "http://" + listener.Addr().String()
	s.Queues = sqs.New(sqs.Options{Endpoint: s.Endpoints.SQS, Region: region, Account: account, Clock: s.options.Clock, Speed: s.options.Speed})
	file := s.kept("queues.json")
	if err := s.Queues.Restore(file); err != nil {
		return errors.Join(fmt.Errorf("restore the queues: %w", err), listener.Close())
	}
	s.atStop("the queues", func(context.Context) error {
		s.Queues.Close()
		return s.Queues.Save(file)
	})
	s.serveOn("SQS", listener, s.Queues)
	if s.template, err = s.readTemplate(); err != nil {
		return err
	}
	for _, q := range s.template.Queues {
		if _, err := s.Queues.Ensure(q.Name, q.Attributes); err != nil {
			return fmt.Errorf("make queue %s: %w", q.Name, err)
		}
	}
	if err := s.startStreams(); err != nil {
		return err
	}
	vault := secrets.New(s.options.Clock, map[string]string{
		tuneSecret: fmt.Sprintf(`{"network_id": %q, "network_token": %q}`, tuneNetwork, s.Secrets.TuneNetworkToken),
	})
	s.Endpoints.Secrets, err = s.serve("Secrets Manager", s.options.Ports.Secrets, vault)
	return err
}

func (s *Stack) readTemplate() (*template.Template, error) {
	return template.Read(filepath.Join(s.options.Root, "deploy", "template.yaml"),
		template.Place{Region: region, Account: account, QueueEndpoint: s.Endpoints.SQS})
}

func (s *Stack) startStreams() error {
	o := firehose.Options{Clock: s.options.Clock, Put: s.Archive.Put, FlushEvery: s.options.FlushEvery, Log: s.log}
	for _, stream := range s.template.Streams {
		o.Streams = append(o.Streams, firehose.Stream(stream))
	}
	var err error
	if s.Streams, err = firehose.New(o); err != nil {
		return err
	}
	s.atStop("the streams", s.Streams.Close)
	s.Endpoints.Firehose, err = s.serve("Firehose", s.options.Ports.Firehose, s.Streams)
	return err
}

// startFunctions starts the functions, what feeds them and the front.
func (s *Stack) startFunctions(ctx context.Context) error {
	r, err := readRoutes(s.routesSource())
	if err != nil {
		return err
	}
	routesFile := s.kept("routes.yaml")
	if err := r.write(routesFile, s.Endpoints.Tune, s.Secrets.Tokens); err != nil {
		return err
	}
	front := gateway.Options{Clock: s.options.Clock}
	for _, f := range s.template.Functions {
		host, err := s.startFunction(f, routesFile)
		if err != nil {
			return err
		}
		s.Functions[f.Name] = host
		for _, r := range f.Routes {
			front.Routes = append(front.Routes, gateway.Route{Method: r.Method, Path: r.Path, Function: host})
		}
		for _, m := range f.Mappings {
			s.startMapping(ctx, m, host)
		}
	}
	g, err := gateway.New(front)
	if err != nil {
		return err
	}
	s.Endpoints.Front, err = s.serve("the front", s.options.Ports.Front, g)
	return err
}

func (s *Stack) startFunction(f template.Function, routesFile string) (*lambdahost.Host, error) {
	log, err := s.openLog(f.Name)
	if err != nil {
		return nil, err
	}
	environment := maps.Clone(f.Environment)
	maps.Copy(environment, s.awsEnvironment())
	environment["BACKSTOP_ROUTES"] = routesFile
	environment["BACKSTOP_ALLOW_LOOPBACK"] = "true"
	code := filepath.Join(s.options.Root, "deploy", f.Code)
	host := lambdahost.New(lambdahost.Function{
		Name: f.Name, Bootstrap: filepath.Join(code, "bootstrap"), Root: code, Environment: environment, Timeout: f.Timeout,
		MemoryMB: f.MemoryMB, Region: region, Sandboxes: sandboxes, Reserved: f.Reserved > 0, Log: log,
	})
	s.atStop(f.Name, func(context.Context) error { host.Close(); return nil })
	return host, nil
}

// sandboxes is how many copies of a function run at a time: one for each core of a small machine.
const sandboxes = 2

func (s *Stack) startMapping(ctx context.Context, m template.Mapping, host *lambdahost.Host) {
	mapping := eventsource.Mapping{
		Queue: s.Queues.Queue(queueName(m.QueueARN)), Function: host, QueueARN: m.QueueARN, Region: region, BatchSize: m.BatchSize,
		Window: time.Duration(float64(m.Window) / s.options.Speed), Concurrency: min(m.Concurrency, sandboxes),
		ReportsFailures: m.ReportsFailures, Log: s.log,
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = mapping.Run(running) // it ends with the context's error only
	}()
	s.atStop("the event source of "+queueName(m.QueueARN), func(context.Context) error {
		cancel()
		<-done
		return nil
	})
}

func queueName(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }
