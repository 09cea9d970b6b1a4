package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/klauspost/compress/gzip"
)

// archivedPostbacks reads every file of the archive's postbacks and maps each id to the time of its receipt.
func archivedPostbacks(ctx context.Context, client *s3.Client, bucket string) (map[string]time.Time, error) {
	archived := map[string]time.Time{}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: aws.String("postbacks/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the archive: %w", err)
		}
		for _, object := range page.Contents {
			if err := readArchived(ctx, client, bucket, aws.ToString(object.Key), archived); err != nil {
				return nil, fmt.Errorf("read %s of the archive: %w", aws.ToString(object.Key), err)
			}
		}
	}
	return archived, nil
}

func readArchived(ctx context.Context, client *s3.Client, bucket, key string, into map[string]time.Time) error {
	object, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return err
	}
	defer object.Body.Close()
	var body io.Reader = bufio.NewReader(object.Body)
	if body, err = gzip.NewReader(body); err != nil {
		return err
	}
	for lines := json.NewDecoder(body); lines.More(); {
		var line struct {
			ID         string    `json:"postback_id"`
			ReceivedAt time.Time `json:"received_at"`
		}
		if err := lines.Decode(&line); err != nil {
			return err
		}
		into[line.ID] = line.ReceivedAt
	}
	return nil
}
