package sqs

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings are a queue's attributes, read.
type settings struct {
	visibility  time.Duration
	delay       time.Duration
	wait        time.Duration
	retention   time.Duration
	maxSize     int
	maxReceives int    // 0: no dead-letter queue
	deadLetters string // name of the dead-letter queue
}

// numeric lists the attributes that are numbers, with the ranges and defaults of SQS's reference.
// MaximumMessageSize is 1 MiB since August 2025.
var numeric = map[string]struct{ least, most, normal int }{
	"VisibilityTimeout":             {0, 43_200, 30},
	"DelaySeconds":                  {0, 900, 0},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0},
	"MessageRetentionPeriod":        {60, 1_209_600, 345_600},
	"MaximumMessageSize":            {1_024, 1 << 20, 1 << 20},
}

// kept lists the attributes that are stored and given back without effect.
var kept = []string{"Policy", "RedriveAllowPolicy", "SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"}

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

func checkName(name string) error {
	if strings.HasSuffix(name, ".fifo") {
		return invalidValue("FIFO queues are not imitated; %q must be a standard queue.", name)
	}
	if !queueName.MatchString(name) {
		return invalidValue("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

// readSettings checks a full set of attributes and reads them.
func readSettings(attributes map[string]string) (settings, error) {
	numbers := map[string]int{}
	for name, limit := range numeric {
		numbers[name] = limit.normal
	}
	out := settings{}
	for name, value := range attributes {
		limit, isNumber := numeric[name]
		switch {
		case isNumber:
			n, err := strconv.Atoi(value)
			if err != nil || n < limit.least || n > limit.most {
				return out, refuse("InvalidAttributeValue", "InvalidAttributeValue", "Invalid value for the parameter %s: %d to %d.", name, limit.least, limit.most)
			}
			numbers[name] = n
		case name == "RedrivePolicy":
			if err := out.readRedrive(value); err != nil {
				return out, err
			}
		case !slices.Contains(kept, name):
			return out, refuse("InvalidAttributeName", "InvalidAttributeName", "Unknown Attribute %s.", name)
		}
	}
	seconds := func(name string) time.Duration { return time.Duration(numbers[name]) * time.Second }
	out.visibility, out.delay, out.wait = seconds("VisibilityTimeout"), seconds("DelaySeconds"), seconds("ReceiveMessageWaitTimeSeconds")
	out.retention, out.maxSize = seconds("MessageRetentionPeriod"), numbers["MaximumMessageSize"]
	return out, nil
}

// readRedrive reads a RedrivePolicy, whose count may be a number or a string; an empty policy removes it.
func (s *settings) readRedrive(policy string) error {
	if policy == "" {
		return nil
	}
	var read struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
		MaxReceiveCount     any    `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(policy), &read); err != nil {
		return refuse("InvalidAttributeValue", "InvalidAttributeValue", "RedrivePolicy is not JSON: %v.", err)
	}
	switch n := read.MaxReceiveCount.(type) {
	case float64:
		s.maxReceives = int(n)
	case string:
		s.maxReceives, _ = strconv.Atoi(n)
	}
	if s.maxReceives < 1 || s.maxReceives > 1000 {
		return refuse("InvalidAttributeValue", "InvalidAttributeValue", "RedrivePolicy: maxReceiveCount must be 1 to 1000.")
	}
	if strings.Count(read.DeadLetterTargetArn, ":") != 5 {
		return refuse("InvalidAttributeValue", "InvalidAttributeValue", "RedrivePolicy: deadLetterTargetArn must be the ARN of a queue.")
	}
	s.deadLetters = nameOf(read.DeadLetterTargetArn)
	return nil
}

// nameOf returns the queue name at the end of a queue URL or ARN.
func nameOf(address string) string {
	return address[strings.LastIndexAny(address, "/:")+1:]
}
