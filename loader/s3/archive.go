// Package s3 is the archive as the loader sees it: it lists files, and writes manifests and TUNE's records. It never reads a data
// file.
package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"backstop/loader"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// Archive is one bucket. It is safe for concurrent use.
type Archive struct {
	client *s3.Client
	bucket string
}

// Open takes the archive's address, s3://bucket, and asks nothing of S3 yet. Paths are used instead of bucket host names, so that
// an endpoint on this machine works as S3 does.
func Open(address string, config aws.Config) (*Archive, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "s3" || parsed.Host == "" || strings.Trim(parsed.Path, "/") != "" {
		return nil, loader.Fail(loader.Configuration, "the archive %q is not of the form s3://bucket", address)
	}
	client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	return &Archive{client: client, bucket: parsed.Host}, nil
}

// List gives all objects under the prefix.
func (a *Archive) List(ctx context.Context, prefix string) ([]loader.Object, error) {
	var objects []loader.Object
	pages := s3.NewListObjectsV2Paginator(a.client, &s3.ListObjectsV2Input{Bucket: &a.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, a.classified("list "+prefix, err)
		}
		for _, o := range page.Contents {
			objects = append(objects, loader.Object{
				Key: aws.ToString(o.Key), ETag: strings.Trim(aws.ToString(o.ETag), `"`), Size: aws.ToInt64(o.Size),
			})
		}
	}
	return objects, nil
}

// Put stores a new object. The archive is append-only: another body under the same key is an error (Data); the same body again,
// as after an answer that was lost, is not.
func (a *Archive) Put(ctx context.Context, key string, body []byte) error {
	_, err := a.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &a.bucket, Key: &key, Body: bytes.NewReader(body), IfNoneMatch: aws.String("*")})
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "PreconditionFailed" {
		return a.same(ctx, key, body)
	}
	return a.classified("put "+key, err)
}

func (a *Archive) same(ctx context.Context, key string, body []byte) error {
	stored, err := a.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &a.bucket, Key: &key})
	if err != nil {
		return a.classified("read "+key, err)
	}
	defer stored.Body.Close()
	there, err := io.ReadAll(io.LimitReader(stored.Body, int64(len(body))+1))
	if err != nil {
		return a.classified("read "+key, err)
	}
	if !bytes.Equal(there, body) {
		return loader.Fail(loader.Data, "s3://%s/%s exists with another content; nothing is overwritten", a.bucket, key)
	}
	return nil
}

// classified gives an error of S3 its class, with what was tried.
func (a *Archive) classified(tried string, err error) error {
	if err == nil {
		return nil
	}
	var refused smithy.APIError
	if errors.As(err, &refused) {
		switch refused.ErrorCode() {
		case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "Forbidden", "AllAccessDisabled":
			return loader.Fail(loader.Configuration, "%s in s3://%s: these credentials may not: %s", tried, a.bucket, refused.ErrorCode())
		case "NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed":
			return loader.Fail(loader.Configuration, "%s in s3://%s: look at BACKSTOP_ARCHIVE and AWS_REGION: %s", tried, a.bucket, refused.ErrorCode())
		}
	}
	return loader.Fail(loader.Transient, "%s in s3://%s: %w", tried, a.bucket, err)
}
