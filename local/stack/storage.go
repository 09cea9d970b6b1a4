package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"backstop/local/postgres"
	"backstop/local/s3"
	"backstop/local/tune"
)

const (
	archiveBucket     = "backstop-archive" // default of ArchiveBucketName in deploy/template.yaml
	warehouseDatabase = "warehouse"
	airflowDatabase   = "airflow"
)

func (s *Stack) startArchive(context.Context) error {
	if s.options.S3 != nil {
		s.Endpoints.S3 = aws.ToString(s.options.S3.Options().BaseEndpoint)
		return nil
	}
	archive, err := s3.Open(s.kept("archive.bolt"), archiveBucket)
	if err != nil {
		return err
	}
	s.Archive = archive
	s.atStop("the archive", func(context.Context) error { return archive.Close() })
	s.Endpoints.Bucket = archiveBucket
	s.Endpoints.S3, err = s.serve("S3", s.options.Ports.S3, archive)
	return err
}

// S3Client is a client of the archive.
func (s *Stack) S3Client() *awss3.Client {
	if s.options.S3 != nil {
		return s.options.S3
	}
	return awss3.New(awss3.Options{
		BaseEndpoint: aws.String(s.Endpoints.S3), UsePathStyle: true, Region: region,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func (s *Stack) startPostgres(ctx context.Context) error {
	r, err := readRoutes(s.routesSource())
	if err != nil {
		return err
	}
	if s.Secrets, err = openSecrets(s.options.State, r.sources()); err != nil {
		return err
	}
	s.Postgres, err = postgres.Start(ctx, postgres.Options{
		Bin: s.options.PostgresBin, Data: s.kept("postgres"), Port: s.options.Ports.Postgres,
		Password: s.Secrets.WarehousePassword, NoSync: true,
		// Everything here is small and freshly filled: compiling a query costs more than it saves, and statistics must not wait a minute.
		Settings: map[string]string{"max_connections": "200", "jit": "off", "autovacuum_naptime": "1s"},
	})
	if err != nil {
		return err
	}
	s.atStop("PostgreSQL", func(context.Context) error { return s.Postgres.Stop() })
	for _, database := range []string{warehouseDatabase, airflowDatabase} {
		if err := s.Postgres.CreateDatabase(ctx, database); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stack) startTune(context.Context) error {
	callsPer10s := 50
	if s.options.Clock.Simulated() {
		callsPer10s = 0 // the limit is by real time, in which a simulated day takes seconds
	}
	s.Tune = tune.New(tune.Config{
		Clock: s.options.Clock, Zone: s.options.Zone, Seed: s.options.Seed, NetworkID: tuneNetwork, NetworkToken: s.Secrets.TuneNetworkToken,
		Currency: "USD", CallsPer10s: callsPer10s, WidestDays: 31, Faults: s.options.TuneFaults,
	})
	file := s.kept("tune.json")
	if err := s.Tune.Load(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open TUNE's account: %w", err)
	}
	s.atStop("TUNE's account", func(context.Context) error { return s.Tune.Save(file) })
	var err error
	s.Endpoints.Tune, err = s.serve("TUNE", s.options.Ports.Tune, s.Tune)
	return err
}

func (s *Stack) dbtEnvironment() map[string]string {
	return map[string]string{
		"BACKSTOP_DBT_HOST":     s.warehouseAddress.IP.String(),
		"BACKSTOP_DBT_PORT":     strconv.Itoa(s.warehouseAddress.Port),
		"BACKSTOP_DBT_USER":     s.Postgres.User,
		"BACKSTOP_DBT_PASSWORD": s.Secrets.WarehousePassword,
		"BACKSTOP_DBT_DBNAME":   warehouseDatabase,
		"BACKSTOP_DBT_SSLMODE":  "disable",
	}
}

func (s *Stack) routesSource() string { return filepath.Join(s.options.Root, "deploy", "routes.yaml") }
