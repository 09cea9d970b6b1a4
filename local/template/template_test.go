package template_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"backstop/local/template"
)

func TestReadGivesTheTypedView(t *testing.T) {
	got, err := template.Read("testdata/whole.yaml", template.Place{QueueEndpoint: "http://127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	const dead = "arn:aws:sqs:us-east-1:000000000000:things-dlq"
	want := &template.Template{
		Functions: []template.Function{
			{ID: "Receive", Name: "receive", Code: "../build/receive", Timeout: 30 * time.Second, MemoryMB: 256, Reserved: 7,
				Environment: map[string]string{"SHARED": "above", "REGION": "us-east-1", "SWITCH": "true",
					"QUEUE": "http://127.0.0.1:9/000000000000/things", "QUEUE_LONG": "http://127.0.0.1:9/000000000000/things", "QUEUE_NAME": "things",
					"STREAM": "stream-of-000000000000-${kept}", "SELF": "arn:aws:lambda:us-east-1:000000000000:function:receive"},
				Routes: []template.Route{{Method: "GET", Path: "/p/{source}"}}},
			{ID: "Forward", Name: "forward", Timeout: 3 * time.Second, MemoryMB: 256,
				Environment: map[string]string{"SHARED": "below", "REGION": "us-east-1"},
				Mappings: []template.Mapping{
					{QueueARN: "arn:aws:sqs:us-east-1:000000000000:things", BatchSize: 50, Window: 2 * time.Second, Concurrency: 4, ReportsFailures: true},
					{QueueARN: dead, BatchSize: 10}}},
		},
		Queues: []template.Queue{
			{ID: "Things", Name: "things", Attributes: map[string]string{"VisibilityTimeout": "180", "SqsManagedSseEnabled": "true",
				"RedrivePolicy": `{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":"5"}`}},
			{ID: "Dead", Name: "things-dlq", Attributes: map[string]string{}},
		},
		Streams: []template.Stream{{Name: "stream", Bucket: "archive", Prefix: "dt=!{timestamp:yyyy-MM-dd}/", SizeMB: 1,
			Interval: time.Minute, GZIP: true, AppendDelimiter: true}},
		Buckets: []string{"archive"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("template =\n%+v, want\n%+v", got, want)
	}
}

func TestThePlaceDecidesWhatReferencesAre(t *testing.T) {
	got, err := template.Read("testdata/whole.yaml", template.Place{Region: "eu-west-1", Account: "111111111111", QueueEndpoint: "http://q",
		Parameters: map[string]string{"Name": "others", "Timeout": "5"}, Values: map[string]string{"Receive.Arn": "here"}})
	if err != nil {
		t.Fatal(err)
	}
	f := got.Functions[0]
	if f.Timeout != 5*time.Second || f.Environment["QUEUE"] != "http://q/111111111111/others" || f.Environment["SELF"] != "here" || f.Environment["REGION"] != "eu-west-1" {
		t.Errorf("function = %+v", f)
	}
}

func TestEveryProblemIsNamedWithItsPlace(t *testing.T) {
	_, err := template.Read("testdata/wrong.yaml", template.Place{})
	if err == nil {
		t.Fatal("a wrong template was read")
	}
	for _, want := range []string{
		"testdata/wrong.yaml",
		`Resources.Receive.Properties.Timeout (line 8): "soon" is not a whole number`,
		"Resources.Receive.Properties.Environment.Variables.A (line 11): !ImportValue is not understood",
		"Variables.B (line 12): Missing: there is no such parameter or resource",
		"Variables.C (line 13): Topic.TopicName: attribute TopicName of AWS::SNS::Topic has no local value",
		"Variables.D (line 14): parameter NoDefault has no default",
		"Variables.E (line 15): !Sub is not understood in this form",
		"Variables.F (line 16): !If is not understood",
		"Variables.G (line 17): a text is expected here",
		"Events.Timer (line 19): events of type Schedule are not imitated",
		"Resources.Queue.Properties.QueueName: the local stack needs a name for Queue",
		"Resources.Queue.Properties.RedrivePolicy (line 23): !If stands where the local stack needs a plain mapping",
		"delivery stream Stream has no ExtendedS3DestinationConfiguration",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for _, path := range []string{"testdata/none.yaml", "template_test.go"} {
		if _, err := template.Read(path, template.Place{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Read(%s) = %v, want an error that names it", path, err)
		}
	}
}

func TestTheProductsTemplateIsUnderstood(t *testing.T) {
	got, err := template.Read("../../deploy/template.yaml", template.Place{QueueEndpoint: "http://127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Functions) < 2 || len(got.Queues) < 2 || len(got.Streams) != 2 || len(got.Buckets) != 1 {
		t.Errorf("%d functions, %d queues, %d streams, %d buckets", len(got.Functions), len(got.Queues), len(got.Streams), len(got.Buckets))
	}
	for _, f := range got.Functions {
		if len(f.Routes)+len(f.Mappings) == 0 {
			t.Errorf("function %s has neither route nor queue", f.Name)
		}
	}
}
