package firehose_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/smithy-go"

	"backstop/local/clock"
	"backstop/local/firehose"
)

// shelf is an S3 that can be out of order.
type shelf struct {
	mu      sync.Mutex
	broken  bool
	keys    []string
	objects map[string][]byte
	stored  chan string // told of every object, if set
}

func (s *shelf) put(_ context.Context, bucket, key string, body []byte, headers map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return errors.New("S3 is out of order")
	}
	if headers["Content-Encoding"] == "gzip" {
		zipped, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return err
		}
		if body, err = io.ReadAll(zipped); err != nil {
			return err
		}
	}
	s.keys = append(s.keys, bucket+"/"+key)
	s.objects[bucket+"/"+key] = body
	if s.stored != nil {
		s.stored <- key
	}
	return nil
}

func (s *shelf) breakOrMend(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

// texts returns the stored objects' contents in order of storing.
func (s *shelf) texts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, key := range s.keys {
		out = append(out, string(s.objects[key]))
	}
	return out
}

var noon = time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)

var packed = firehose.Stream{Name: "postbacks", Bucket: "archive", Prefix: "postbacks/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/",
	SizeMB: 1, Interval: time.Minute, GZIP: true}

func serve(t *testing.T, o firehose.Options) (*firehose.Server, *sdk.Client, *shelf) {
	t.Helper()
	s3 := &shelf{objects: map[string][]byte{}}
	o.Put = s3.put
	server, err := firehose.New(o)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return server, sdk.New(sdk.Options{Region: "us-east-1", BaseEndpoint: &web.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}), s3
}

func put(t *testing.T, client *sdk.Client, texts ...string) *sdk.PutRecordBatchOutput {
	t.Helper()
	in := &sdk.PutRecordBatchInput{DeliveryStreamName: aws.String("postbacks")}
	for _, text := range texts {
		in.Records = append(in.Records, types.Record{Data: []byte(text)})
	}
	out, err := client.PutRecordBatch(t.Context(), in)
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	return out
}

func TestObjectsHoldAnIntervalAndAreNamedForTheirOldestRecord(t *testing.T) {
	c := clock.At(noon.Add(59*time.Minute + 30*time.Second))
	server, client, s3 := serve(t, firehose.Options{Clock: c, Streams: []firehose.Stream{packed}})
	put(t, client, "a\n", "b\n")
	c.Set(noon.Add(60*time.Minute + 29*time.Second)) // a second before the interval ends, in the next hour
	put(t, client, "c\n")
	c.Set(noon.Add(60*time.Minute + 30*time.Second))
	put(t, client, "d\n")
	if err := server.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := s3.texts(), []string{"a\nb\nc\n", "d\n"}; !slices.Equal(got, want) {
		t.Fatalf("objects = %q, want %q", got, want)
	}
	for i, want := range []string{
		`^archive/postbacks/dt=2026-11-19/hr=12/postbacks-1-2026-11-19-12-59-30-[0-9a-f-]{36}\.gz$`,
		`^archive/postbacks/dt=2026-11-19/hr=13/postbacks-1-2026-11-19-13-00-30-[0-9a-f-]{36}\.gz$`} {
		if !regexp.MustCompile(want).MatchString(s3.keys[i]) {
			t.Errorf("key %d = %s, want %s", i, s3.keys[i], want)
		}
	}
}

func TestSizeDelivers(t *testing.T) {
	server, client, s3 := serve(t, firehose.Options{Clock: clock.At(noon), Streams: []firehose.Stream{packed}})
	half := strings.Repeat("x", 512<<10)
	put(t, client, half, half, "rest")
	if err := server.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s3.texts(); len(got) != 2 || len(got[0]) != 1<<20 || got[1] != "rest" {
		t.Errorf("%d objects, want one of 1 MiB and the rest", len(got))
	}
}

func TestRealTimeDeliversByATimer(t *testing.T) {
	_, client, s3 := serve(t, firehose.Options{Clock: clock.Real(), FlushEvery: time.Millisecond, Streams: []firehose.Stream{packed}})
	s3.mu.Lock()
	s3.stored = make(chan string, 1)
	s3.mu.Unlock()
	put(t, client, "a\n")
	select {
	case <-s3.stored:
	case <-t.Context().Done():
		t.Fatal("nothing was delivered")
	}
}

func TestDelimiterAndPlainPrefix(t *testing.T) {
	plain := firehose.Stream{Name: "postbacks", Bucket: "archive", Prefix: "plain/", SizeMB: 1, Interval: time.Minute, AppendDelimiter: true}
	server, client, s3 := serve(t, firehose.Options{Clock: clock.At(noon), Streams: []firehose.Stream{plain}})
	if _, err := client.PutRecord(t.Context(), &sdk.PutRecordInput{DeliveryStreamName: aws.String("postbacks"), Record: &types.Record{Data: []byte("a")}}); err != nil {
		t.Fatal(err)
	}
	if err := server.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s3.texts(); len(got) != 1 || got[0] != "a\n" {
		t.Errorf("objects = %q", got)
	}
	if want := "archive/plain/2026/11/19/12/postbacks-1-"; !strings.HasPrefix(s3.keys[0], want) || strings.HasSuffix(s3.keys[0], ".gz") {
		t.Errorf("key = %s, want %s… without .gz", s3.keys[0], want)
	}
}

func TestWhatS3RefusesIsKeptAndDeliveredLater(t *testing.T) {
	server, client, s3 := serve(t, firehose.Options{Clock: clock.At(noon), Streams: []firehose.Stream{packed}})
	s3.breakOrMend(true)
	put(t, client, "a\n")
	if err := server.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), "postbacks") {
		t.Fatalf("flush into a broken S3 = %v, want an error that names the stream", err)
	}
	s3.breakOrMend(false)
	put(t, client, "b\n")
	if err := server.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := s3.texts(), []string{"a\n", "b\n"}; !slices.Equal(got, want) {
		t.Errorf("objects = %q, want %q", got, want)
	}
	if out := put(t, client, "c\n"); *out.FailedPutCount != 1 {
		t.Error("a closed server acknowledged a record")
	}
}

func TestRefusals(t *testing.T) {
	_, client, _ := serve(t, firehose.Options{Clock: clock.At(noon), Streams: []firehose.Stream{packed}})
	batch := func(stream string, n, size int) error {
		in := &sdk.PutRecordBatchInput{DeliveryStreamName: &stream, Records: []types.Record{}}
		for range n {
			in.Records = append(in.Records, types.Record{Data: bytes.Repeat([]byte("x"), size)})
		}
		_, err := client.PutRecordBatch(t.Context(), in)
		return err
	}
	for _, test := range []struct {
		name string
		err  error
		code string
	}{
		{"no records", batch("postbacks", 0, 0), "InvalidArgumentException"},
		{"500 records", batch("postbacks", 500, 1), ""},
		{"501 records", batch("postbacks", 501, 1), "InvalidArgumentException"},
		{"a record of 1,000 KiB", batch("postbacks", 1, 1_000<<10), ""},
		{"a record over 1,000 KiB", batch("postbacks", 1, 1_000<<10+1), "InvalidArgumentException"},
		{"a batch of 4 MiB", batch("postbacks", 8, 512<<10), ""},
		{"a batch over 4 MiB", batch("postbacks", 8, 512<<10+1), "InvalidArgumentException"},
		{"no such stream", batch("none", 1, 1), "ResourceNotFoundException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code := ""
			if api := smithy.APIError(nil); errors.As(test.err, &api) {
				code = api.ErrorCode()
			}
			if code != test.code || (test.err == nil) != (test.code == "") {
				t.Errorf("error = %v, want code %q", test.err, test.code)
			}
		})
	}
}

func TestFaultsFailRecordsAndThrottleCalls(t *testing.T) {
	server, client, s3 := serve(t, firehose.Options{Clock: clock.At(noon), Streams: []firehose.Stream{packed}})
	server.SetFaults(firehose.Faults{Seed: 1, FailEvery: 3})
	var kept []string
	for i := range 100 {
		line := fmt.Sprintf("%d\n", i)
		if out := put(t, client, line); *out.FailedPutCount == 0 {
			kept = append(kept, line)
		} else if code := aws.ToString(out.RequestResponses[0].ErrorCode); code != "ServiceUnavailableException" {
			t.Fatalf("record failed with %q", code)
		}
	}
	server.SetFaults(firehose.Faults{ThrottleEvery: 1})
	_, err := client.PutRecordBatch(t.Context(), &sdk.PutRecordBatchInput{DeliveryStreamName: aws.String("postbacks"), Records: []types.Record{{Data: []byte("x")}}})
	var throttled *types.ServiceUnavailableException
	if !errors.As(err, &throttled) {
		t.Errorf("a throttled call = %v, want ServiceUnavailableException", err)
	}
	if err := server.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(kept) == 0 || len(kept) == 100 || strings.Join(kept, "") != strings.Join(s3.texts(), "") {
		t.Errorf("%d of 100 acknowledged; what is in S3 differs from them", len(kept))
	}
}

func TestPrefixesThatCannotBeReadAreRefused(t *testing.T) {
	for _, text := range []string{"!{firehose:random-string}/", "!{timestamp:YYYY}/", "!{timestamp:yyyy", "!{nothing}", "!{timestamp:yyyy}/!{timestamp:"} {
		bad := packed
		bad.Prefix = text
		if _, err := firehose.New(firehose.Options{Clock: clock.Real(), Streams: []firehose.Stream{bad}}); err == nil {
			t.Errorf("prefix %s was taken", text)
		}
	}
}

func TestDescribe(t *testing.T) {
	_, client, _ := serve(t, firehose.Options{Clock: clock.At(noon), Streams: []firehose.Stream{packed}})
	out, err := client.DescribeDeliveryStream(t.Context(), &sdk.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("postbacks")})
	if err != nil {
		t.Fatal(err)
	}
	d := out.DeliveryStreamDescription
	if d.DeliveryStreamStatus != types.DeliveryStreamStatusActive || *d.Destinations[0].ExtendedS3DestinationDescription.Prefix != packed.Prefix {
		t.Errorf("description = %+v", d)
	}
}

func FuzzPrefixIsReadOrRefused(f *testing.F) {
	for _, text := range []string{packed.Prefix, "plain/", "!{timestamp:yyyy'x'MM}", "!{timestamp:'}", "!{firehose:random-string}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stream := packed
		stream.Prefix = text
		s3 := &shelf{objects: map[string][]byte{}}
		server, err := firehose.New(firehose.Options{Clock: clock.At(noon), Put: s3.put, Streams: []firehose.Stream{stream}})
		if err != nil {
			return
		}
		request := httptest.NewRequest("POST", "/", strings.NewReader(`{"DeliveryStreamName":"postbacks","Record":{"Data":"YQ=="}}`))
		request.Header.Set("X-Amz-Target", "Firehose_20150804.PutRecord")
		server.ServeHTTP(httptest.NewRecorder(), request)
		if err := server.Flush(t.Context()); err != nil || len(s3.keys) != 1 || strings.Contains(s3.keys[0], "!{timestamp:") {
			t.Errorf("prefix %q gave %v, %v", text, s3.keys, err)
		}
	})
}
