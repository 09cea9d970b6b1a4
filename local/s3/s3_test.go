package s3_test

import (
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"backstop/local/s3"
)

// serve opens a store and puts an SDK client before it. Both end with the test, or earlier by the function returned.
func serve(t *testing.T, path string) (*s3.Store, *sdk.Client, func()) {
	t.Helper()
	store, err := s3.Open(path, "archive")
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(store)
	stop := func() {
		web.Close()
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(stop)
	return store, sdk.New(sdk.Options{Region: "us-east-1", BaseEndpoint: &web.URL, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}), stop
}

func TestObjectsArePutListedInPagesAndRead(t *testing.T) {
	for name, path := range map[string]string{"memory": "", "bolt": filepath.Join(t.TempDir(), "s3.bolt")} {
		t.Run(name, func(t *testing.T) {
			store, client, _ := serve(t, path)
			if err := store.Put(t.Context(), "archive", "postbacks/dt=2026-11-19/hr=00/0.gz", []byte("zero"), map[string]string{"Content-Encoding": "gzip"}); err != nil {
				t.Fatal(err)
			}
			for i := 1; i < 5; i++ {
				key := fmt.Sprintf("postbacks/dt=2026-11-19/hr=00/%d.gz", i)
				if _, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("archive"), Key: &key, Body: strings.NewReader(fmt.Sprint(i))}); err != nil {
					t.Fatal(err)
				}
			}
			pages := sdk.NewListObjectsV2Paginator(client, &sdk.ListObjectsV2Input{Bucket: aws.String("archive"),
				Prefix: aws.String("postbacks/dt=2026-11-19/hr=00/"), MaxKeys: aws.Int32(2)})
			var keys []string
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range page.Contents {
					keys = append(keys, *o.Key)
				}
			}
			if len(keys) != 5 || !strings.HasSuffix(keys[4], "/4.gz") {
				t.Errorf("listed %v, want five keys in order", keys)
			}
			got, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("archive"), Key: &keys[0]})
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(got.Body); err != nil || string(text) != "zero" || aws.ToString(got.ContentEncoding) != "gzip" {
				t.Errorf("object = %q, %v, encoding %q", text, err, aws.ToString(got.ContentEncoding))
			}
		})
	}
}

func TestPutIfNoneMatchSucceedsOnce(t *testing.T) {
	_, client, _ := serve(t, "")
	put := func() error {
		_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("archive"), Key: aws.String("k"), Body: strings.NewReader("x"), IfNoneMatch: aws.String("*")})
		return err
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	var api smithy.APIError
	if err := put(); !errors.As(err, &api) || api.ErrorCode() != "PreconditionFailed" {
		t.Errorf("second put = %v, want PreconditionFailed", err)
	}
}

func TestTheFileKeepsObjectsAndHasOneOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s3.bolt")
	store, _, stop := serve(t, path)
	if err := store.Put(t.Context(), "archive", "kept", []byte("x"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s3.Open(path, "archive"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a second owner got %v, want an error that names the file", err)
	}
	stop()
	_, client, _ := serve(t, path)
	if _, err := client.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: aws.String("archive"), Key: aws.String("kept")}); err != nil {
		t.Errorf("after reopening: %v", err)
	}
}
