package main

import (
	"context"
	"strings"
	"time"

	"backstop/loader"
	"backstop/loader/redshift"
	"backstop/loader/s3"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// The environment of the command line.
const (
	envWarehouse  = "BACKSTOP_WAREHOUSE_DSN"
	envArchive    = "BACKSTOP_ARCHIVE"
	envCopyRole   = "BACKSTOP_COPY_ROLE"
	envRegion     = "AWS_REGION"
	envTimeZone   = "BACKSTOP_TIME_ZONE"
	envTuneAPI    = "BACKSTOP_TUNE_API"
	envTuneSecret = "BACKSTOP_TUNE_SECRET"
)

// require names all missing variables at once, so that they can be mended at once.
func (p *program) require(names ...string) error {
	var missing []string
	for _, name := range names {
		if p.getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return loader.Fail(loader.Configuration, "the environment lacks %s", strings.Join(missing, ", "))
	}
	return nil
}

func (p *program) awsConfig(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(p.getenv(envRegion)))
	if err != nil {
		return cfg, loader.Fail(loader.Configuration, "read the AWS configuration: %w", err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return cfg, loader.Fail(loader.Configuration, "no AWS credentials are found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role: %w", err)
	}
	return cfg, nil
}

func (p *program) openArchive(ctx context.Context) (*s3.Archive, error) {
	cfg, err := p.awsConfig(ctx)
	if err != nil {
		return nil, err
	}
	return s3.Open(p.getenv(envArchive), cfg)
}

func (p *program) openWarehouse(verify redshift.Verify) (*redshift.Warehouse, error) {
	return redshift.Open(p.getenv(envWarehouse), redshift.Config{
		CopyRole: p.getenv(envCopyRole), Region: p.getenv(envRegion), Verify: verify,
	})
}

// timeZone is the network's: the one in which its days begin.
func (p *program) timeZone() (*time.Location, error) {
	name := p.getenv(envTimeZone)
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return nil, loader.Fail(loader.Configuration, "%s=%q is not a time zone; write one like America/New_York", envTimeZone, name)
	}
	return zone, nil
}
