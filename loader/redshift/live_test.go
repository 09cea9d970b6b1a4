//go:build live

// With the tag live the tests of this package run against a real Redshift:
//
//	BACKSTOP_LIVE_DSN     postgres://…/backstop_live?sslmode=verify-full; its name begins with backstop_live, because its schemas
//	                      landing, ops and billing are dropped by every test
//	BACKSTOP_LIVE_BUCKET  a bucket whose name holds backstop-live, because it is emptied by every test
//	BACKSTOP_LIVE_ROLE    ARN of the role with which Redshift reads the bucket
//	AWS_REGION and credentials, as for every AWS tool
//
//	go test -tags live -p 1 -timeout 2h ./loader/redshift
//
// What needs faults or the wire is skipped, saying so.

package redshift_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"

	"backstop/loader/redshift"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/jmoiron/sqlx"
)

func startPlace(t testing.TB) place {
	t.Helper()
	dsn, bucket, role := os.Getenv("BACKSTOP_LIVE_DSN"), os.Getenv("BACKSTOP_LIVE_BUCKET"), os.Getenv("BACKSTOP_LIVE_ROLE")
	if dsn == "" || bucket == "" || role == "" {
		t.Skip("no real Redshift: set BACKSTOP_LIVE_DSN, BACKSTOP_LIVE_BUCKET and BACKSTOP_LIVE_ROLE")
	}
	address, err := url.Parse(dsn)
	if err != nil || !strings.HasPrefix(address.Path, "/backstop_live") || !strings.Contains(bucket, "backstop-live") {
		t.Fatal("these tests drop schemas and empty the bucket: the database's name must begin with backstop_live and the bucket's must hold backstop-live")
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := place{dsn: dsn, bucket: bucket, aws: cfg, s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		config: redshift.Config{CopyRole: role, Region: cfg.Region}}
	p.empty(t)
	return p
}

// empty takes away what the test before left.
func (p place) empty(t testing.TB) {
	t.Helper()
	db := sqlx.MustConnect("postgres", p.dsn)
	defer db.Close()
	for _, schema := range []string{"landing", "ops", "billing", "a"} {
		db.MustExec("DROP SCHEMA IF EXISTS " + schema + " CASCADE")
	}
	pages := s3.NewListObjectsV2Paginator(p.s3, &s3.ListObjectsV2Input{Bucket: &p.bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			if _, err := p.s3.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: &p.bucket, Key: aws.String(*o.Key)}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
