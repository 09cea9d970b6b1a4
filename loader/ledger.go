package loader

import "time"

// Status is what a ledger entry says about its partition.
type Status string

const (
	// Loaded: the rows of the manifest, and no others, are in the partition.
	Loaded Status = "loaded"
	// Empty: the archive held no file for the partition, and it has no rows.
	Empty Status = "empty"
	// Suspect: the partition was loaded, but what COPY read is not what the manifest says; it has to be loaded again.
	Suspect Status = "suspect"
	// Purged: the rows were removed because their retention ended; they are not loaded again without force.
	Purged Status = "purged"
)

// Entry is one row of the ledger. The ledger is append-only; the newest entry of a partition is the one that counts.
type Entry struct {
	LoadID      string
	Partition   Partition
	Digest      string
	ManifestKey string
	Files       int
	Bytes       int64
	Rows        int64
	Errors      int64 // lines that were left out and recorded
	RowsBefore  int64 // rows of the partition that the load replaced
	CopyQueryID int64 // 0 when no COPY was needed
	Status      Status
	LoadedAt    time.Time // the warehouse's clock; later than that of every older entry of the partition
}
