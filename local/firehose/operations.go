package firehose

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"backstop/local/awsjson"
)

// Limits of the service's reference; a record's size counts before base64.
const (
	maxRecords = 500
	maxRecord  = 1_000 << 10
	maxBatch   = 4 << 20
)

type record struct{ Data []byte }

type putInput struct {
	DeliveryStreamName string
	Record             record
}

type putOutput struct {
	RecordId  string
	Encrypted bool
}

type batchInput struct {
	DeliveryStreamName string
	Records            []record
}

type batchOutput struct {
	FailedPutCount   int
	Encrypted        bool
	RequestResponses []recordAnswer
}

type recordAnswer struct {
	RecordId     string `json:",omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

func (s *Server) putRecord(_ context.Context, in putInput) (putOutput, error) {
	st, err := s.accept(in.DeliveryStreamName, []record{in.Record})
	if err != nil {
		return putOutput{}, err
	}
	if s.chance.Strikes("fail", s.faults.Load().FailEvery) || !st.put(in.Record.Data) {
		return putOutput{}, slowDown()
	}
	return putOutput{RecordId: uuid.NewString()}, nil
}

// putRecordBatch answers 200 even when every record failed, as the service does.
func (s *Server) putRecordBatch(_ context.Context, in batchInput) (batchOutput, error) {
	st, err := s.accept(in.DeliveryStreamName, in.Records)
	if err != nil {
		return batchOutput{}, err
	}
	var out batchOutput
	for _, r := range in.Records {
		if s.chance.Strikes("fail", s.faults.Load().FailEvery) || !st.put(r.Data) {
			out.FailedPutCount++
			out.RequestResponses = append(out.RequestResponses, recordAnswer{ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down."})
			continue
		}
		out.RequestResponses = append(out.RequestResponses, recordAnswer{RecordId: uuid.NewString()})
	}
	return out, nil
}

// accept finds the stream and refuses what is over the limits.
func (s *Server) accept(name string, records []record) (*stream, error) {
	st := s.streams[name]
	if st == nil {
		return nil, notFound(name)
	}
	if len(records) == 0 || len(records) > maxRecords {
		return nil, invalid("A batch holds 1 to %d records; this one holds %d.", maxRecords, len(records))
	}
	total := 0
	for i, r := range records {
		if len(r.Data) > maxRecord {
			return nil, invalid("Record %d is %d bytes, over the limit of %d.", i, len(r.Data), maxRecord)
		}
		total += len(r.Data)
	}
	if total > maxBatch {
		return nil, invalid("The batch is %d bytes, over the limit of %d.", total, maxBatch)
	}
	if s.chance.Strikes("throttle", s.faults.Load().ThrottleEvery) {
		return nil, slowDown()
	}
	return st, nil
}

func notFound(name string) error {
	return &awsjson.Error{Status: http.StatusBadRequest, Type: "ResourceNotFoundException",
		Message: fmt.Sprintf("Firehose %s under account %s not found.", name, account)}
}

func invalid(format string, args ...any) error {
	return &awsjson.Error{Status: http.StatusBadRequest, Type: "InvalidArgumentException", Message: fmt.Sprintf(format, args...)}
}

func slowDown() error {
	return &awsjson.Error{Status: http.StatusServiceUnavailable, Type: "ServiceUnavailableException", Message: "Slow down."}
}

type describeInput struct{ DeliveryStreamName string }

// account and region stand in ARNs.
const (
	account = "000000000000"
	region  = "us-east-1"
)

func (s *Server) describe(_ context.Context, in describeInput) (any, error) {
	st := s.streams[in.DeliveryStreamName]
	if st == nil {
		return nil, notFound(in.DeliveryStreamName)
	}
	compression := map[bool]string{true: "GZIP", false: "UNCOMPRESSED"}[st.GZIP]
	destination := map[string]any{"DestinationId": "destinationId-000000000001", "ExtendedS3DestinationDescription": map[string]any{
		"BucketARN": "arn:aws:s3:::" + st.Bucket, "RoleARN": "arn:aws:iam::" + account + ":role/" + st.Name, "Prefix": st.Prefix,
		"CompressionFormat": compression, "EncryptionConfiguration": map[string]string{"NoEncryptionConfig": "NoEncryption"},
		"BufferingHints": map[string]int{"IntervalInSeconds": int(st.Interval.Seconds()), "SizeInMBs": st.SizeMB}}}
	return map[string]any{"DeliveryStreamDescription": map[string]any{
		"DeliveryStreamName": st.Name, "DeliveryStreamARN": ARN(st.Name), "DeliveryStreamStatus": "ACTIVE",
		"DeliveryStreamType": "DirectPut", "VersionId": version, "HasMoreDestinations": false, "Destinations": []any{destination}}}, nil
}

// ARN returns the ARN of a stream's name, whether the stream exists or not.
func ARN(name string) string {
	return "arn:aws:firehose:" + region + ":" + account + ":deliverystream/" + name
}
