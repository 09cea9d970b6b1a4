package firehose_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"backstop/ingest"
	"backstop/ingest/firehose"
)

var _ ingest.Stream = (*firehose.Stream)(nil)

// call is what one PutRecordBatch carried.
type call struct {
	DeliveryStreamName string
	Records            []struct{ Data []byte }
}

// streamAt is a stream before a server that speaks Firehose's JSON protocol and answers everything alike.
func streamAt(t *testing.T, status int, answer string) (*firehose.Stream, *[]call) {
	t.Helper()
	var calls []call
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if target := r.Header.Get("X-Amz-Target"); target != "Firehose_20150804.PutRecordBatch" {
			t.Errorf("called %s", target)
		}
		var c call
		if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
			t.Error(err)
		}
		calls = append(calls, c)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}
	return firehose.NewStream(cfg, "backstop-postbacks"), &calls
}

func TestPutRecords(t *testing.T) {
	records := [][]byte{[]byte("{}\n"), []byte("{\"a\":1}\n{\"a\":2}\n"), []byte("{}\n")}
	tests := []struct {
		name    string
		status  int
		answer  string
		refused []int
		err     string
	}{
		{"all taken", 200, `{"FailedPutCount":0,"RequestResponses":[{"RecordId":"1"},{"RecordId":"2"},{"RecordId":"3"}]}`, nil, ""},
		{"two refused by a call that succeeds", 200, `{"FailedPutCount":2,"RequestResponses":[
			{"ErrorCode":"ServiceUnavailableException","ErrorMessage":"Slow down."},{"RecordId":"2"},{"ErrorCode":"InternalFailure","ErrorMessage":""}]}`, []int{0, 2}, ""},
		{"an answer that does not tell which", 200, `{"FailedPutCount":1,"RequestResponses":[]}`, nil, "0 answers for 3 records"},
		{"throttled", 503, `{"__type":"ServiceUnavailableException","message":"Slow down."}`, nil, "ServiceUnavailableException"},
		{"no such stream", 400, `{"__type":"ResourceNotFoundException","message":"Firehose backstop-postbacks not found"}`, nil, "ResourceNotFoundException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stream, calls := streamAt(t, test.status, test.answer)
			refused, err := stream.PutRecords(t.Context(), records)
			if !reflect.DeepEqual(refused, test.refused) {
				t.Errorf("refused %v, want %v", refused, test.refused)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if len(*calls) != 1 {
				t.Fatalf("%d calls: repeating is the archiver's", len(*calls))
			}
			got := (*calls)[0]
			if got.DeliveryStreamName != "backstop-postbacks" || len(got.Records) != 3 || string(got.Records[1].Data) != string(records[1]) {
				t.Errorf("sent %+v", got)
			}
		})
	}
}
