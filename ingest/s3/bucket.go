// Package s3 puts objects into Amazon S3.
package s3

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Bucket is the archive's bucket. It implements ingest.Store.
type Bucket struct {
	client *s3.Client
	name   string
}

// NewBucket makes the bucket's client; nothing is sent yet.
func NewBucket(cfg aws.Config, name string) *Bucket {
	byPath := func(o *s3.Options) { o.UsePathStyle = true }
	return &Bucket{client: s3.NewFromConfig(cfg, byPath), name: name}
}

// Put writes the object, whole or not at all. gzipped is what a reader unpacks, as Firehose itself would have written it.
func (b *Bucket) Put(ctx context.Context, key string, gzipped []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, Body: bytes.NewReader(gzipped),
		ContentType: aws.String("application/x-ndjson"), ContentEncoding: aws.String("gzip"),
	})
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", b.name, key, err)
	}
	return nil
}
