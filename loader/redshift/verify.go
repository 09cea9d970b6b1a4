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

// verify holds the files that COPY read, their ETags and their lines against the manifest and the count of loaded rows, and
// completes the load with the lines that were left out: each line is a row or a bad line with its reason. It asks through another
// connection, so that it does not depend on what the load's own transaction may see.
func (w *Warehouse) verify(ctx context.Context, r loader.Replacement, done *loader.Replaced) error {
	files, err := w.scanned(ctx, done.Entry)
	if err != nil {
		return err
	}
	lines, err := sameFiles(r.Manifest, files)
	if err != nil {
		return err
	}
	missing := lines - done.Rows
	if missing < 0 {
		return loader.Fail(loader.Data, "COPY read %d lines and loaded %d rows: a line holds more than one document; nothing was changed", lines, done.Rows)
	}
	if missing > 0 && r.MaxErrors > 0 {
		if done.BadLines, err = w.badLines(ctx, done.CopyQueryID, missing); err != nil {
			return err
		}
		done.Errors = int64(len(done.BadLines))
	}
	switch {
	case done.Errors != missing:
		return loader.Fail(loader.Data, "COPY read %d lines, loaded %d rows and noted %d bad lines: what became of the others is not known (blank lines, or documents over several lines?)",
			lines, done.Rows, done.Errors)
	case done.Errors > int64(r.MaxErrors): // its slices count each for themselves
		return loader.Fail(loader.Data, "%d lines cannot be loaded, and --max-errors allows %d; the first is %s line %d: %s",
			done.Errors, r.MaxErrors, done.BadLines[0].File, done.BadLines[0].Line, done.BadLines[0].Reason)
	}
	return nil
}

// sameFiles tells whether COPY read exactly the manifest's files, and how many lines.
func sameFiles(m loader.Manifest, files []scannedFile) (lines int64, err error) {
	found := make(map[string]scannedFile, len(files))
	for _, f := range files {
		found[f.Name] = f
		lines += f.Lines
	}
	for _, o := range m.Objects {
		f, ok := found[o.Key]
		switch {
		case !ok:
			return 0, loader.Fail(loader.Data, "COPY did not read %s, which the manifest names", o.Key)
		case strings.Trim(f.ETag, `"`) != o.ETag:
			return 0, loader.Fail(loader.Transient, "%s changed between the listing and COPY; load again", o.Key)
		}
		delete(found, o.Key)
	}
	for name := range found {
		return 0, loader.Fail(loader.Data, "COPY read %s, which the manifest does not name", name)
	}
	return lines, nil
}

// scanned asks sys_load_detail what the COPY read, until it shows as many files as the entry has.
func (w *Warehouse) scanned(ctx context.Context, entry loader.Entry) ([]scannedFile, error) {
	var files []scannedFile
	shown, err := w.visible(ctx, entry.Files, func() (int, error) {
		files = nil
		err := sqlx.SelectContext(ctx, w.db, &files, `SELECT TRIM(file_name) AS file_name, MAX(TRIM(file_etag)) AS file_etag, SUM(lines_scanned) AS lines
			FROM sys_load_detail WHERE query_id = $1 GROUP BY 1`, entry.CopyQueryID)
		return len(files), err
	})
	if err != nil {
		return nil, fmt.Errorf("read sys_load_detail: %w", err)
	}
	if !shown {
		return nil, loader.Fail(loader.Transient, "sys_load_detail shows %d of %d files of COPY %d after %s: if this warehouse shows them only after COMMIT, use --verify %s; if somebody changed the load's manifest, load again",
			len(files), entry.Files, entry.CopyQueryID, visibleWithin, AfterCommit)
	}
	for i := range files {
		files[i].Name = shownKey(files[i].Name)
	}
	return files, nil
}

// shownKey takes s3://bucket/ from a name; some views show it and some do not.
func shownKey(name string) string {
	if rest, ok := strings.CutPrefix(name, "s3://"); ok {
		_, key, _ := strings.Cut(rest, "/")
		return key
	}
	return name
}

// confirm verifies a load that is committed as suspect, and enters it once more, as loaded and with the lines that it left out. What
// cannot be confirmed stays suspect: it shows red in the status and is loaded again.
func (w *Warehouse) confirm(ctx context.Context, r loader.Replacement, done loader.Replaced) (loader.Replaced, error) {
	if doubt := w.verify(ctx, r, &done); doubt != nil {
		return done, loader.Fail(loader.Data, "%s is loaded but suspect, load it again: %w", done.Partition, doubt)
	}
	done.Status, done.LoadedAt = loader.Loaded, done.LoadedAt.Add(time.Microsecond)
	err := w.again(ctx, func() error {
		return w.locked(ctx, func(tx *sqlx.Tx) error {
			newest, err := newestOf(ctx, tx, done.Partition)
			if err != nil || newest == nil || newest.LoadID != done.LoadID || newest.Status != loader.Suspect {
				return err // somebody else loaded it since, or this was entered before the connection broke
			}
			return record(ctx, tx, done)
		})
	})
	if err != nil {
		return done, fmt.Errorf("%s is loaded and stays suspect: %w", done.Partition, err)
	}
	return done, nil
}
