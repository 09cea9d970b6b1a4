package s3_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"backstop/ingest"
	"backstop/ingest/s3"
)

var _ ingest.Store = (*s3.Bucket)(nil)

func TestPutKeepsTheBytes(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("backstop-archive"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}

	const key = "postbacks/dt=2026-11-19/hr=14/past-the-stream-1.gz"
	var gzipped bytes.Buffer
	zip := gzip.NewWriter(&gzipped)
	io.WriteString(zip, "{\"v\":1}\n")
	zip.Close()
	for range 2 { // again changes nothing
		if err := s3.NewBucket(cfg, "backstop-archive").Put(t.Context(), key, gzipped.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	object, err := backend.GetObject("backstop-archive", key, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer object.Contents.Close()
	got, err := io.ReadAll(object.Contents)
	if err != nil || !bytes.Equal(got, gzipped.Bytes()) || object.Metadata["Content-Encoding"] != "gzip" {
		t.Errorf("kept %q as %v (%v)", got, object.Metadata, err)
	}

	err = s3.NewBucket(cfg, "no-such-bucket").Put(t.Context(), key, nil)
	if err == nil || !strings.Contains(err.Error(), "put s3://no-such-bucket/"+key) {
		t.Errorf("into a bucket that is not there: %v", err)
	}
}
