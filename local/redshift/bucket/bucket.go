// Package bucket lets the stand-in's COPY read from S3.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"backstop/local/redshift/load"
)

// Files reads with the client's credentials; the role that COPY names is not assumed.
type Files struct{ client *s3.Client }

// New makes Files of a client.
func New(client *s3.Client) Files { return Files{client: client} }

// Open starts reading an object.
func (f Files) Open(ctx context.Context, bucket, key string) (*load.Object, error) {
	out, err := f.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("open s3://%s/%s: %w", bucket, key, told(err))
	}
	return &load.Object{ReadCloser: out.Body, ETag: strings.Trim(aws.ToString(out.ETag), `"`), Size: aws.ToInt64(out.ContentLength),
		Modified: aws.ToTime(out.LastModified)}, nil
}

// List gives the keys with a prefix, in S3's order.
func (f Files) List(ctx context.Context, bucket, prefix string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(f.client, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, told(err))
		}
		for _, object := range page.Contents {
			keys = append(keys, aws.ToString(object.Key))
		}
	}
	return keys, nil
}

// told puts S3's refusals into the words of load.Files.
func told(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode() {
	case "NoSuchKey", "NoSuchBucket", "NotFound":
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case "AccessDenied", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	}
	return err
}
