package redshift

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"backstop/loader"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// explainTries bounds how often the load errors are asked for; a busy cluster shows them a little after COPY has failed.
const explainTries = 5

// explain turns the error of a failed COPY into one that names file, line and reason, and gives it its class. Redshift's own
// text says only where to look. Conflicts and lost connections are returned as they are: the transaction is run again.
func (w *Warehouse) explain(ctx context.Context, m loader.Manifest, since time.Time, failed error) error {
	refused := pq.As(failed)
	if refused == nil || conflict(failed) || connectionLost(failed) {
		return fmt.Errorf("copy: %w", failed)
	}
	if class, mend := classOfCopy(refused); mend != "" {
		return loader.Fail(class, "%s: copy: %w", mend, failed)
	}
	tries := 1
	if strings.Contains(refused.Message, "load_error") { // it says that the line is noted there
		tries = explainTries
	}
	bad, err := w.loadError(ctx, m, since, tries)
	switch {
	case err != nil:
		return loader.Fail(loader.Data, "COPY failed, and sys_load_error_detail cannot tell why (%v): %w", err, failed)
	case bad == nil:
		return loader.Fail(loader.Data, "COPY failed, and sys_load_error_detail does not name a line: %w", failed)
	}
	where := bad.File
	if bad.Line > 0 {
		where = fmt.Sprintf("%s line %d", bad.File, bad.Line)
	}
	near := ""
	if text := w.cutOuts(ctx, bad.QueryID)[place{bad.File, bad.Line}]; text != "" {
		near = fmt.Sprintf(", near %#q (letters and digits masked)", text)
	}
	return loader.Fail(loader.Data, "%s cannot be loaded: %s (code %d)%s; nothing was changed. Mend the file, or load with --max-errors to leave out bad lines and record them",
		where, bad.Reason, bad.Code, near)
}

// classOfCopy knows the failures that are not about a line: COPY could not read the archive at all.
func classOfCopy(refused *pq.Error) (loader.Class, string) {
	text := refused.Message + " " + refused.Detail
	for _, known := range []struct {
		words []string
		class loader.Class
		mend  string
	}{
		{[]string{"AccessDenied", "Access Denied", "Forbidden", "InvalidAccessKeyId", "not authorized", "Invalid credentials"}, loader.Configuration,
			"Redshift may not read the archive; look at the role in BACKSTOP_COPY_ROLE"},
		{[]string{"NoSuchBucket"}, loader.Configuration, "Redshift does not find the bucket; look at BACKSTOP_ARCHIVE"},
		{[]string{"PermanentRedirect", "AuthorizationHeaderMalformed"}, loader.Configuration,
			"Redshift does not find the bucket in this region; AWS_REGION must be the bucket's"},
		{[]string{"NoSuchKey", "key does not exist", "mandatory"}, loader.Transient,
			"a file of the manifest is gone from the archive since it was listed; load again"},
		{[]string{"manifest file"}, loader.Transient,
			"somebody changed this load's manifest; load again, with a new one"},
		{[]string{"SlowDown", "InternalError", "ServiceUnavailable"}, loader.Transient, "S3 cannot serve now"},
	} {
		for _, word := range known.words {
			if strings.Contains(text, word) {
				return known.class, known.mend
			}
		}
	}
	if class := refused.Code.Class(); class == "53" || class == "57" || class == "42" {
		return loader.ClassOf(Classified(refused)), "the warehouse does not carry out the COPY"
	}
	return "", ""
}

// loadError finds what Redshift noted about the partition's files since the load began.
func (w *Warehouse) loadError(ctx context.Context, m loader.Manifest, since time.Time, tries int) (*badLineRow, error) {
	for try := 1; ; try++ {
		var bad []badLineRow
		err := sqlx.SelectContext(ctx, w.db, &bad, "SELECT "+badLineColumns+` FROM sys_load_error_detail
			WHERE start_time >= $1 AND file_name LIKE $2 ORDER BY start_time DESC, line_number LIMIT 1`,
			timestamp(since), "%"+m.Partition.Prefix()+"%")
		if err != nil {
			return nil, err
		}
		if len(bad) > 0 {
			return &bad[0], nil
		}
		if try >= tries {
			return nil, nil
		}
		if err := w.config.Wait(ctx, time.Second); err != nil {
			return nil, errors.Join(err, ctx.Err())
		}
	}
}
