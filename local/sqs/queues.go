package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
)

type createQueueInput struct {
	QueueName  string
	Attributes map[string]string
}

// createQueue is idempotent for the same attributes.
func (s *Server) createQueue(_ context.Context, in createQueueInput) (onQueue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[in.QueueName]; q != nil {
		for name, value := range in.Attributes {
			if q.attribute(name) != value {
				return onQueue{}, refuse("QueueNameExists", "QueueAlreadyExists", "A queue already exists with the same name and a different value for attribute %s", name)
			}
		}
		return onQueue{s.URL(in.QueueName)}, nil
	}
	_, err := s.create(in.QueueName, in.Attributes)
	return onQueue{s.URL(in.QueueName)}, err
}

type queueNamed struct{ QueueName string }

func (s *Server) getQueueURL(_ context.Context, in queueNamed) (onQueue, error) {
	return onQueue{s.URL(in.QueueName)}, s.locked(in.QueueName, func(*Queue) error { return nil })
}

type listQueuesInput struct{ QueueNamePrefix string }

type queueURLs struct {
	QueueUrls []string
}

func (s *Server) listQueues(_ context.Context, in listQueuesInput) (queueURLs, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return queueURLs{s.urls(func(q *Queue) bool { return strings.HasPrefix(q.name, in.QueueNamePrefix) })}, nil
}

// deadLetterSources has its member in lower case, unlike ListQueues.
type deadLetterSources struct {
	QueueUrls []string `json:"queueUrls"`
}

func (s *Server) listDeadLetterSources(_ context.Context, in onQueue) (deadLetterSources, error) {
	var out deadLetterSources
	err := s.locked(in.QueueUrl, func(dead *Queue) error {
		out.QueueUrls = s.urls(func(q *Queue) bool { return q.settings.deadLetters == dead.name })
		return nil
	})
	return out, err
}

func (s *Server) urls(wanted func(*Queue) bool) []string {
	urls := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		if wanted(s.queues[name]) {
			urls = append(urls, s.URL(name))
		}
	}
	return urls
}

type getAttributesInput struct {
	onQueue
	AttributeNames []string
}

type attributesOutput struct{ Attributes map[string]string }

func (s *Server) getQueueAttributes(_ context.Context, in getAttributesInput) (attributesOutput, error) {
	out := attributesOutput{Attributes: map[string]string{}}
	return out, s.locked(in.QueueUrl, func(q *Queue) error {
		wanted := in.AttributeNames
		if slices.Contains(wanted, "All") {
			wanted = q.attributeNames()
		}
		for _, name := range wanted {
			if !slices.Contains(q.attributeNames(), name) && !settable(name) {
				return refuse("InvalidAttributeName", "InvalidAttributeName", "Unknown Attribute %s.", name)
			}
			if value := q.attribute(name); value != "" {
				out.Attributes[name] = value
			}
		}
		return nil
	})
}

type setAttributesInput struct {
	onQueue
	Attributes map[string]string
}

func (s *Server) setQueueAttributes(_ context.Context, in setAttributesInput) (empty, error) {
	return empty{}, s.locked(in.QueueUrl, func(q *Queue) error { return q.configure(in.Attributes) })
}

// settable reports whether an attribute may be set on a queue.
func settable(name string) bool {
	_, number := numeric[name]
	return number || name == "RedrivePolicy" || slices.Contains(kept, name)
}

// attributeNames lists what the queue has, counted ones included.
func (q *Queue) attributeNames() []string {
	names := slices.Collect(maps.Keys(numeric))
	names = slices.AppendSeq(names, maps.Keys(q.attributes))
	return append(names, "QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "ApproximateNumberOfMessages",
		"ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
}

// attribute returns one attribute's value, "" when the queue does not have it.
func (q *Queue) attribute(name string) string {
	switch name {
	case "QueueArn":
		return q.ARN()
	case "CreatedTimestamp":
		return strconv.FormatInt(q.created.Unix(), 10)
	case "LastModifiedTimestamp":
		return strconv.FormatInt(q.changed.Unix(), 10)
	case "ApproximateNumberOfMessages":
		return strconv.Itoa(q.depth().Visible)
	case "ApproximateNumberOfMessagesNotVisible":
		return strconv.Itoa(q.depth().InFlight)
	case "ApproximateNumberOfMessagesDelayed":
		return strconv.Itoa(q.depth().Delayed)
	}
	if value, set := q.attributes[name]; set {
		return value
	}
	if limit, number := numeric[name]; number {
		return strconv.Itoa(limit.normal)
	}
	return ""
}
