package redshift

import (
	"cmp"
	"context"
	"errors"

	"backstop/local/redshift/dialect"
	"backstop/local/redshift/load"
)

// errElsewhere is S3's answer to a request at another region than the bucket's.
var errElsewhere = errors.New("the bucket lies in another region")

// files are what one COPY reads: the stand-in's files, with the faults between, or nothing where COPY looks for them in another region.
func (x *session) files(c *dialect.CopyStatement) load.Files {
	o := x.owner.options
	if cmp.Or(c.Region, o.Region) != o.BucketRegion {
		return elsewhere{}
	}
	return faultyFiles{o.Files, x.owner.faults}
}

// elsewhere is a region without the bucket.
type elsewhere struct{}

func (elsewhere) Open(context.Context, string, string) (*load.Object, error) {
	return nil, errElsewhere
}
func (elsewhere) List(context.Context, string, string) ([]string, error) { return nil, errElsewhere }

// faultyFiles fail where the faults say so.
type faultyFiles struct {
	load.Files
	faults *Faults
}

func (f faultyFiles) Open(ctx context.Context, bucket, key string) (*load.Object, error) {
	object, err := f.Files.Open(ctx, bucket, key)
	if err == nil && f.faults.copyFails() {
		object.Close()
		return nil, errors.New("InternalError,Status 500 (by order)")
	}
	return object, err
}
