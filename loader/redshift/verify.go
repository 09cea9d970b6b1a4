package redshift

import (
	"context"
	"fmt"
	"strings"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
)

// visibleWithin is how long sys_load_detail may take to show a finished COPY.
const visibleWithin = 30 * time.Second

type scannedFile struct {
	Name  string `db:"file_name"`
	ETag  string `db:"file_etag"`
	Lines int64  `db:"lines"`
}

// verify holds the files that COPY read, their ETags and their lines against the manifest and the count of loaded rows. It asks
// through another connection, so that it does not depend on what the load's own transaction may see.
func (w *Warehouse) verify(ctx context.Context, m loader.Manifest, entry loader.Entry) error {
	files, err := w.scanned(ctx, entry)
	if err != nil {
		return err
	}
	found := make(map[string]scannedFile, len(files))
	var lines int64
	for _, f := range files {
		found[f.Name] = f
		lines += f.Lines
	}
	for _, o := range m.Objects {
		f, ok := found[o.Key]
		switch {
		case !ok:
			return loader.Fail(loader.Data, "COPY did not read %s, which the manifest names", o.Key)
		case strings.Trim(f.ETag, `"`) != o.ETag:
			return loader.Fail(loader.Transient, "%s changed between the listing and COPY; load again", o.Key)
		}
		delete(found, o.Key)
	}
	for name := range found {
		return loader.Fail(loader.Data, "COPY read %s, which the manifest does not name", name)
	}
	if lines != entry.Rows {
		return loader.Fail(loader.Data, "COPY read %d lines and loaded %d rows", lines, entry.Rows)
	}
	return nil
}

// scanned asks sys_load_detail what the COPY read, until it shows as many files as the entry has.
func (w *Warehouse) scanned(ctx context.Context, entry loader.Entry) ([]scannedFile, error) {
	for waited, pause := time.Duration(0), firstPause; ; waited, pause = waited+pause, min(2*pause, time.Second) {
		var files []scannedFile
		err := sqlx.SelectContext(ctx, w.db, &files, `SELECT TRIM(file_name) AS file_name, MAX(TRIM(file_etag)) AS file_etag, SUM(lines_scanned) AS lines
			FROM sys_load_detail WHERE query_id = $1 GROUP BY 1`, entry.CopyQueryID)
		if err != nil {
			return nil, fmt.Errorf("read sys_load_detail: %w", err)
		}
		if len(files) >= entry.Files {
			for i := range files {
				files[i].Name = shownKey(files[i].Name)
			}
			return files, nil
		}
		if waited >= visibleWithin {
			return nil, loader.Fail(loader.Transient, "sys_load_detail shows %d of %d files of COPY %d after %s; if this warehouse shows them only after COMMIT, use --verify %s",
				len(files), entry.Files, entry.CopyQueryID, visibleWithin, AfterCommit)
		}
		if err := w.config.Wait(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// shownKey takes s3://bucket/ from a name; some views show it and some do not.
func shownKey(name string) string {
	if rest, ok := strings.CutPrefix(name, "s3://"); ok {
		_, key, _ := strings.Cut(rest, "/")
		return key
	}
	return name
}

// confirm verifies a load that is committed already. What cannot be confirmed is marked suspect in the ledger, so that it shows
// red in the status and is loaded again.
func (w *Warehouse) confirm(ctx context.Context, m loader.Manifest, entry loader.Entry) error {
	doubt := w.verify(ctx, m, entry)
	if doubt == nil {
		return nil
	}
	entry.Status = loader.Suspect
	entry.LoadedAt = entry.LoadedAt.Add(time.Microsecond)
	err := w.again(ctx, func() error {
		return w.locked(ctx, func(tx *sqlx.Tx) error { return insertEntries(ctx, tx, []loader.Entry{entry}) })
	})
	if err != nil {
		return loader.Fail(loader.Data, "%s is loaded but not confirmed (%w), and could not be marked suspect: %w", entry.Partition, doubt, err)
	}
	return loader.Fail(loader.Data, "%s is loaded but marked suspect, load it again: %w", entry.Partition, doubt)
}
