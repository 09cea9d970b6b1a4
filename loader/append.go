package loader

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
)

// partLimit is the packed size at which a file is full: some tens of megabytes of lines, and all that is held in memory of them.
const partLimit = 4 << 20

// Store takes what is added to the archive.
type Store interface {
	// Put stores a new object; the same body again under the same key is no error, another one is.
	Put(ctx context.Context, key string, body []byte) error
}

// Appender adds lines to a partition as new files, <name>-00001.gz and on. What was added is stored when a file is full, and by Flush.
type Appender struct {
	Store     Store
	Partition Partition
	Name      string

	parts  int
	file   bytes.Buffer
	packed *gzip.Writer
}

// Add takes one line with its end.
func (a *Appender) Add(ctx context.Context, line []byte) error {
	if a.packed == nil {
		a.file.Reset()
		a.packed = gzip.NewWriter(&a.file)
	}
	if _, err := a.packed.Write(line); err != nil {
		return fmt.Errorf("pack %s: %w", a.Partition, err)
	}
	if a.file.Len() < partLimit {
		return nil
	}
	return a.Flush(ctx)
}

// Flush stores the file that is being filled, if it has lines.
func (a *Appender) Flush(ctx context.Context) error {
	if a.packed == nil {
		return nil
	}
	if err := a.packed.Close(); err != nil {
		return fmt.Errorf("pack %s: %w", a.Partition, err)
	}
	a.packed = nil
	a.parts++
	key := fmt.Sprintf("%s%s-%05d.gz", a.Partition.Prefix(), a.Name, a.parts)
	if err := a.Store.Put(ctx, key, bytes.Clone(a.file.Bytes())); err != nil {
		return fmt.Errorf("archive %s: %w", key, err)
	}
	return nil
}
