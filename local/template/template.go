// Package template reads the deploy template (SAM over CloudFormation), so that the local stack has the same queues,
// timeouts, batch sizes, prefixes and environment as production.
//
// Understood: AWS::Serverless::Function with HttpApi and SQS events, AWS::SQS::Queue, AWS::KinesisFirehose::DeliveryStream
// into S3, AWS::S3::Bucket; Globals.Function; parameters by their defaults; !Ref, !Sub and !GetAtt in short and long form.
// Only what is asked for is resolved: roles, policies, alarms and outputs may hold anything.
//
// Not understood, and refused where they stand in the way: every other function (!If, !ImportValue, !Join …), conditions,
// mappings, nested stacks, other event types, !Sub with a map of its own.
package template

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Place says where the template is deployed to: what its references mean.
type Place struct {
	Region        string            // "us-east-1" when empty
	Account       string            // "000000000000" when empty
	QueueEndpoint string            // base of queue URLs
	Parameters    map[string]string // in place of the parameters' defaults
	Values        map[string]string // what else a reference may name: "HttpApi", "Some.Arn"
}

// Template is what the local stack needs of a template, each kind in the order of the file.
type Template struct {
	Functions []Function
	Queues    []Queue
	Streams   []Stream
	Buckets   []string // names
}

// Function is an AWS::Serverless::Function.
type Function struct {
	ID          string // its logical id
	Name        string
	Code        string // CodeUri as it stands there, relative to the template's folder
	Timeout     time.Duration
	MemoryMB    int
	Reserved    int // ReservedConcurrentExecutions, 0 when there is none
	Environment map[string]string
	Routes      []Route
	Mappings    []Mapping
}

// Route is an HttpApi event.
type Route struct{ Method, Path string }

// Mapping is an SQS event.
type Mapping struct {
	QueueARN        string
	BatchSize       int
	Window          time.Duration
	Concurrency     int // MaximumConcurrency, 0 when there is none
	ReportsFailures bool
}

// Queue is an AWS::SQS::Queue, its properties as SQS's own attributes.
type Queue struct {
	ID         string
	Name       string
	Attributes map[string]string
}

// Stream is an AWS::KinesisFirehose::DeliveryStream into S3.
type Stream struct {
	Name            string
	Bucket          string
	Prefix          string
	SizeMB          int
	Interval        time.Duration
	GZIP            bool
	AppendDelimiter bool
}

// Read reads the template at path. The error names every place in the file that it cannot read or resolve.
func Read(path string, p Place) (*Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the deploy template: %w", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("read the deploy template %s: %w", path, err)
	}
	r := &reader{place: p.filled()}
	if len(document.Content) == 1 {
		r.root = node{reader: r, yaml: document.Content[0]}
	}
	out := r.template()
	if len(r.problems) > 0 {
		return nil, fmt.Errorf("read the deploy template %s:\n%s", path, strings.Join(r.problems, "\n"))
	}
	return out, nil
}

func (p Place) filled() Place {
	if p.Region == "" {
		p.Region = "us-east-1"
	}
	if p.Account == "" {
		p.Account = "000000000000"
	}
	return p
}

// reader reads one document and collects what is wrong with it.
type reader struct {
	root     node
	place    Place
	problems []string
}

func (r *reader) template() *Template {
	out := &Template{}
	for _, resource := range r.root.at("Resources").entries() {
		properties := resource.at("Properties")
		switch resource.at("Type").text() {
		case "AWS::Serverless::Function":
			out.Functions = append(out.Functions, r.function(resource.key, properties))
		case "AWS::SQS::Queue":
			out.Queues = append(out.Queues, r.queue(resource.key, properties))
		case "AWS::KinesisFirehose::DeliveryStream":
			out.Streams = append(out.Streams, r.stream(resource.key, properties))
		case "AWS::S3::Bucket":
			out.Buckets = append(out.Buckets, r.name(resource.key, properties.at("BucketName")))
		}
	}
	return out
}

// name is the physical name of a resource. CloudFormation would make one up; here it must be given.
func (r *reader) name(id string, n node) string {
	if n.missing() {
		n.problem("the local stack needs a name for %s", id)
	}
	return n.text()
}

// merged lays one map of texts over another.
func merged(below, above map[string]string) map[string]string {
	out := maps.Clone(below)
	maps.Copy(out, above)
	return out
}

func contains(items []node, text string) bool {
	return slices.ContainsFunc(items, func(n node) bool { return n.text() == text })
}
