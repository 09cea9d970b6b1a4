package stack

import (
	"context"
	"net"
	"net/url"

	"backstop/local/redshift"
	"backstop/local/redshift/bucket"
)

// startWarehouse puts the Redshift stand-in before PostgreSQL.
func (s *Stack) startWarehouse(ctx context.Context) error {
	dsn := s.Postgres.DSN(warehouseDatabase)
	if err := redshift.Bootstrap(ctx, dsn); err != nil {
		return err
	}
	listener, err := listen("the warehouse", s.options.Ports.Warehouse)
	if err != nil {
		return err
	}
	s.Warehouse = &redshift.Faults{}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() {
		done <- redshift.Serve(running, listener, redshift.Options{
			Postgres: dsn, Files: bucket.New(s.S3Client()), Faults: s.Warehouse, Log: s.log,
			Region: s.options.ClusterRegion, BucketRegion: s.options.BucketRegion, Limits: s.options.CopyLimits,
		})
	}()
	s.atStop("the warehouse", func(context.Context) error {
		cancel()
		return <-done
	})
	s.warehouseAddress = listener.Addr().(*net.TCPAddr)
	s.Endpoints.Warehouse = warehouseURL(s.warehouseAddress, s.Postgres.User, s.Secrets.WarehousePassword)
	return nil
}

func warehouseURL(at net.Addr, user, password string) string {
	return (&url.URL{
		Scheme: "postgres", User: url.UserPassword(user, password), Host: at.String(), Path: warehouseDatabase, RawQuery: "sslmode=disable",
	}).String()
}
