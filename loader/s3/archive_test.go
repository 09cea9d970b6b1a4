package s3_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"backstop/loader"
	"backstop/loader/s3"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// openArchive gives an archive on an S3 in memory, with the bucket made.
func openArchive(t *testing.T) *s3.Archive {
	t.Helper()
	memory := s3mem.New()
	if err := memory.CreateBucket("archive"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(memory).Server())
	t.Cleanup(server.Close)
	archive, err := s3.Open("s3://archive", config(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func config(endpoint string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	}
}

func put(t *testing.T, archive *s3.Archive, key, body string) {
	t.Helper()
	if err := archive.Put(context.Background(), key, []byte(body)); err != nil {
		t.Fatal(err)
	}
}

func TestListGivesEveryFileUnderThePrefixOverAllPages(t *testing.T) {
	archive := openArchive(t)
	const files = 1100 // a page of S3 holds 1,000
	for i := range files {
		put(t, archive, fmt.Sprintf("postbacks/dt=2026-11-19/hr=14/%04d.gz", i), "x")
	}
	put(t, archive, "postbacks/dt=2026-11-20/hr=00/a.gz", "x")
	objects, err := archive.List(context.Background(), "postbacks/dt=2026-11-19/")
	if err != nil || len(objects) != files {
		t.Fatalf("%d objects, err %v", len(objects), err)
	}
	if o := objects[0]; o.Size != 1 || len(o.ETag) != 32 || strings.Contains(o.ETag, `"`) {
		t.Errorf("an object is %+v", o)
	}
	none, err := archive.List(context.Background(), "postbacks/dt=2026-11-21/")
	if err != nil || len(none) != 0 {
		t.Errorf("an empty day: %v, err %v", none, err)
	}
}

func TestPutNeverOverwrites(t *testing.T) {
	archive := openArchive(t)
	put(t, archive, "key", "one")
	put(t, archive, "key", "one")
	err := archive.Put(context.Background(), "key", []byte("two"))
	if loader.ClassOf(err) != loader.Data || !strings.Contains(err.Error(), "s3://archive/key") {
		t.Errorf("class %s, err %v", loader.ClassOf(err), err)
	}
}

func TestTheManifestMakesEveryFileMandatory(t *testing.T) {
	archive := openArchive(t)
	p := loader.Partition{Table: "postbacks", Date: "2026-11-19", Hour: 4}
	m := loader.Manifest{Partition: p, Objects: []loader.Object{{Key: p.Prefix() + "a.gz", Size: 7}, {Key: p.Prefix() + "b.gz", Size: 8}}}
	url, err := archive.WriteManifest(context.Background(), "the-load", m)
	if err != nil || url != "s3://archive/manifests/postbacks/dt=2026-11-19/hr=04/the-load.manifest" {
		t.Fatalf("url %s, err %v", url, err)
	}
	if _, err := archive.WriteManifest(context.Background(), "the-load", m); err != nil {
		t.Errorf("the same manifest again: %v", err)
	}
	want := `{"entries":[` +
		`{"url":"s3://archive/postbacks/dt=2026-11-19/hr=04/a.gz","mandatory":true,"meta":{"content_length":7}},` +
		`{"url":"s3://archive/postbacks/dt=2026-11-19/hr=04/b.gz","mandatory":true,"meta":{"content_length":8}}]}`
	if !json.Valid([]byte(want)) {
		t.Fatal("the expectation is not JSON")
	}
	if err := archive.Put(context.Background(), m.Key("the-load"), []byte(want)); err != nil {
		t.Errorf("the manifest has another text: %v", err)
	}
	other := loader.Manifest{Partition: p, Objects: m.Objects[:1]}
	if _, err := archive.WriteManifest(context.Background(), "the-load", other); loader.ClassOf(err) != loader.Data {
		t.Errorf("another manifest under the same key: %v", err)
	}
}

func TestErrorsHaveTheirClass(t *testing.T) {
	for address, class := range map[string]loader.Class{"archive": loader.Configuration, "s3://": loader.Configuration, "s3://archive/folder": loader.Configuration, "http://archive": loader.Configuration} {
		if _, err := s3.Open(address, config("http://127.0.0.1:1")); err == nil || loader.ClassOf(err) != class {
			t.Errorf("%s: %v", address, err)
		}
	}
	down, err := s3.Open("s3://archive", config("http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := down.List(context.Background(), "postbacks/"); loader.ClassOf(err) != loader.Transient {
		t.Errorf("down: %v", err)
	}
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	defer server.Close()
	missing, err := s3.Open("s3://archive", config(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := missing.List(context.Background(), "postbacks/"); loader.ClassOf(err) != loader.Configuration || !strings.Contains(err.Error(), "BACKSTOP_ARCHIVE") {
		t.Errorf("no bucket: %v", err)
	}
}

// Keys keep every character that S3 allows.
func TestUnusualKeysAreListedAsTheyAre(t *testing.T) {
	archive := openArchive(t)
	keys := []string{"p/a b.gz", "p/a'b.gz", "p/a+b&c.gz", "p/ü.gz"}
	for _, key := range keys {
		put(t, archive, key, "x")
	}
	objects, err := archive.List(context.Background(), "p/")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, o := range objects {
		listed = append(listed, o.Key)
	}
	slices.Sort(listed)
	slices.Sort(keys)
	if !reflect.DeepEqual(listed, keys) {
		t.Errorf("listed %q", listed)
	}
}
