//go:build !live

package redshift_test

import (
	"testing"

	"backstop/loader/redshift"
	"backstop/local/redshift/redshifttest"
)

// startPlace gives a stand-in of the test's own.
func startPlace(t testing.TB) place {
	t.Helper()
	r := redshifttest.Start(t)
	return place{standIn: r, dsn: r.DSN, bucket: redshifttest.Bucket, aws: r.AWS, s3: r.S3,
		config: redshift.Config{CopyRole: "arn:aws:iam::000000000000:role/copy", Region: r.AWS.Region}}
}
