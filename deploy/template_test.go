// Package deploy_test holds the template and the shipped routes to the rules that no schema knows.
package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"backstop/ingest/route"
	"backstop/local/template"
)

// recordReserve is what forward keeps free to record its attempts (ingest, recordReserve).
const recordReserve = 10 * time.Second

func read(t *testing.T) *template.Template {
	t.Helper()
	read, err := template.Read("template.yaml", template.Place{Region: "us-east-1", Account: "000000000000", QueueEndpoint: "http://127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func function(t *testing.T, name string) template.Function {
	t.Helper()
	for _, f := range read(t).Functions {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("there is no function %s", name)
	return template.Function{}
}

func queue(t *testing.T, name string) map[string]int {
	t.Helper()
	for _, q := range read(t).Queues {
		if q.Name != name {
			continue
		}
		numbers := map[string]int{}
		for attribute, text := range q.Attributes {
			if n, err := strconv.Atoi(text); err == nil {
				numbers[attribute] = n
			}
		}
		if receives := regexp.MustCompile(`"maxReceiveCount":"?(\d+)`).FindStringSubmatch(q.Attributes["RedrivePolicy"]); receives != nil {
			numbers["maxReceiveCount"], _ = strconv.Atoi(receives[1])
		}
		return numbers
	}
	t.Fatalf("there is no queue %s", name)
	return nil
}

func TestTimesFitIntoEachOther(t *testing.T) {
	forward, postbacks := function(t, "backstop-forward"), queue(t, "backstop-postbacks")
	mapping := forward.Mappings[0]
	visibility := time.Duration(postbacks["VisibilityTimeout"]) * time.Second
	if least := 6*forward.Timeout + mapping.Window; visibility < least {
		t.Errorf("visibility %s is below 6 x timeout + window = %s", visibility, least)
	}
	if postbacks["maxReceiveCount"] < 5 || strconv.Itoa(postbacks["maxReceiveCount"]) != forward.Environment["BACKSTOP_MAX_RECEIVES"] {
		t.Errorf("maxReceiveCount %d, forward is told %s", postbacks["maxReceiveCount"], forward.Environment["BACKSTOP_MAX_RECEIVES"])
	}
	if !mapping.ReportsFailures || mapping.Concurrency < 2 {
		t.Errorf("mapping %+v", mapping)
	}
	set, err := route.Load("routes.yaml", route.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range set.Destinations {
		if d.Timeout+recordReserve >= forward.Timeout {
			t.Errorf("%s: a send of %s and %s to record it do not fit into %s", d.Name, d.Timeout, recordReserve, forward.Timeout)
		}
		if worst := time.Duration(mapping.BatchSize) * d.Timeout / time.Duration(d.Concurrency); worst >= forward.Timeout {
			t.Errorf("%s: a batch of %d takes %s at worst, forward has %s", d.Name, mapping.BatchSize, worst, forward.Timeout)
		}
	}
}

func TestQueuesTakeAndKeepWhatReceiveSends(t *testing.T) {
	for _, name := range []string{"backstop-postbacks", "backstop-postbacks-dlq"} {
		if q := queue(t, name); q["MaximumMessageSize"] != 1<<20 || q["MessageRetentionPeriod"] != 14*24*3600 {
			t.Errorf("%s: %v", name, q)
		}
	}
}

func TestStreamsWriteWhereTheLoaderReads(t *testing.T) {
	for _, stream := range read(t).Streams {
		kind := strings.TrimPrefix(stream.Name, "backstop-")
		if stream.Prefix != kind+"/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/" || !stream.GZIP || stream.AppendDelimiter {
			t.Errorf("%+v", stream)
		}
	}
	if text := source(t, "template.yaml"); strings.Count(text, "ErrorOutputPrefix: \"errors/") != 2 {
		t.Error("a stream has no ErrorOutputPrefix: its failed lines would land among the good ones")
	}
}

// What a function reads must be set, and what is set must be read.
func TestTheEnvironmentIsTheOneThatIsRead(t *testing.T) {
	optional := []string{"BACKSTOP_ROUTES", "BACKSTOP_ALLOW_LOOPBACK"}
	for _, name := range []string{"receive", "forward"} {
		files, err := filepath.Glob(filepath.Join("..", "cmd", name, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources of %s: %v", name, err)
		}
		var reads []string
		for _, file := range files {
			for _, quoted := range regexp.MustCompile(`"(BACKSTOP_[A-Z_]+)"`).FindAllStringSubmatch(source(t, file), -1) {
				if !slices.Contains(optional, quoted[1]) && !slices.Contains(reads, quoted[1]) {
					reads = append(reads, quoted[1])
				}
			}
		}
		var sets []string
		for variable := range function(t, "backstop-"+name).Environment {
			sets = append(sets, variable)
		}
		slices.Sort(reads)
		slices.Sort(sets)
		if !slices.Equal(reads, sets) {
			t.Errorf("%s reads %v, the template sets %v", name, reads, sets)
		}
	}
}

func TestNoRoleMayDoEverything(t *testing.T) {
	text := source(t, "template.yaml")
	for _, statement := range strings.Split(text, "- Effect: Allow")[1:] {
		statement, _, _ = strings.Cut(statement, "\n\n") // the end of its resource
		if regexp.MustCompile(`(?m)(Action|Resource):.*("\*"|:\*)\s*$`).MatchString(statement) {
			t.Errorf("a statement allows too much: %.200s", statement)
		}
	}
	if logs := strings.Count(text, "Type: AWS::Logs::LogGroup"); logs != strings.Count(text, "RetentionInDays:") {
		t.Errorf("not each of the %d log groups has a retention", logs)
	}
	if regexp.MustCompile(`(?m)Format:.*(path|querystring|sourceIp|identity)`).MatchString(text) {
		t.Error("the access log shows the token, the query or an address")
	}
}

func source(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
