package template

import (
	"encoding/json"
	"strings"
	"time"
)

// function reads an AWS::Serverless::Function over Globals.Function.
func (r *reader) function(id string, p node) Function {
	globals := r.root.at("Globals", "Function")
	either := func(keys ...string) node {
		if n := p.at(keys...); !n.missing() {
			return n
		}
		return globals.at(keys...)
	}
	f := Function{
		ID: id, Name: r.name(id, p.at("FunctionName")), Code: either("CodeUri").text(),
		Timeout:     time.Duration(either("Timeout").number(3)) * time.Second, // Lambda's defaults
		MemoryMB:    either("MemorySize").number(128),
		Reserved:    either("ReservedConcurrentExecutions").number(0),
		Environment: merged(globals.at("Environment", "Variables").texts(), p.at("Environment", "Variables").texts()),
	}
	for _, event := range p.at("Events").entries() {
		properties := event.at("Properties")
		switch kind := event.at("Type").text(); kind {
		case "HttpApi":
			f.Routes = append(f.Routes, Route{Method: strings.ToUpper(properties.at("Method").text()), Path: properties.at("Path").text()})
		case "SQS":
			f.Mappings = append(f.Mappings, mapping(properties))
		default:
			event.problem("events of type %s are not imitated, only HttpApi and SQS", kind)
		}
	}
	return f
}

func mapping(p node) Mapping {
	return Mapping{
		QueueARN:        p.at("Queue").text(),
		BatchSize:       p.at("BatchSize").number(10),
		Window:          time.Duration(p.at("MaximumBatchingWindowInSeconds").number(0)) * time.Second,
		Concurrency:     p.at("ScalingConfig", "MaximumConcurrency").number(0),
		ReportsFailures: contains(p.at("FunctionResponseTypes").items(), "ReportBatchItemFailures"),
	}
}

// queue reads an AWS::SQS::Queue. Its properties have the names of SQS's attributes.
func (r *reader) queue(id string, p node) Queue {
	q := Queue{ID: id, Name: r.name(id, p.at("QueueName")), Attributes: map[string]string{}}
	for _, property := range p.entries() {
		switch property.key {
		case "QueueName", "Tags":
		case "RedrivePolicy", "RedriveAllowPolicy":
			policy, _ := json.Marshal(property.texts()) // texts always marshal
			q.Attributes[property.key] = string(policy)
		default:
			q.Attributes[property.key] = property.text()
		}
	}
	return q
}

// stream reads an AWS::KinesisFirehose::DeliveryStream.
func (r *reader) stream(id string, p node) Stream {
	to := p.at("ExtendedS3DestinationConfiguration")
	if to.missing() {
		p.problem("delivery stream %s has no ExtendedS3DestinationConfiguration, the only destination that is imitated", id)
	}
	s := Stream{
		Name: r.name(id, p.at("DeliveryStreamName")), Prefix: to.at("Prefix").text(),
		Bucket:   strings.TrimPrefix(to.at("BucketARN").text(), "arn:aws:s3:::"),
		SizeMB:   to.at("BufferingHints", "SizeInMBs").number(5), // Firehose's defaults
		Interval: time.Duration(to.at("BufferingHints", "IntervalInSeconds").number(300)) * time.Second,
	}
	compression := to.at("CompressionFormat")
	switch format := compression.text(); format {
	case "GZIP":
		s.GZIP = true
	case "", "UNCOMPRESSED":
	default:
		compression.problem("compression %s is not imitated", format)
	}
	for _, processor := range to.at("ProcessingConfiguration", "Processors").items() {
		if kind := processor.at("Type").text(); kind != "AppendDelimiterToRecord" {
			processor.problem("processor %s is not imitated", kind)
		}
		s.AppendDelimiter = true
	}
	return s
}
