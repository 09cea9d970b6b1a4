package redshift

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/lib/pq"

	"backstop/local/redshift/dialect"
	"backstop/local/redshift/load"
)

// copy carries out COPY: files are read and checked here, and good documents go into PostgreSQL's own COPY on the client's connection,
// so that they share the client's transaction. A failure fails PostgreSQL's COPY, too, which keeps its state true.
func (x *session) copy(ctx context.Context, c *dialect.CopyStatement) (refused bool, err error) {
	if x.status == failed {
		return x.forward("select", dialect.Command{}) // PostgreSQL says that the transaction is aborted
	}
	to, refusal, err := x.target(c)
	if err != nil || refusal != nil {
		return x.refuseCopy(refusal, err)
	}
	id, err := x.owner.journal.nextQuery(ctx, x.database)
	if err != nil {
		return x.refuseCopy(&pgproto3.ErrorResponse{Severity: "ERROR", Code: "XX000", Message: err.Error()}, nil)
	}
	start := x.owner.now()
	report, outcome, err := x.undoable(c, func() (load.Report, *pgproto3.ErrorResponse, error) { return x.stream(ctx, c, to) })
	if err != nil {
		return true, err
	}
	record := x.record(id, c, report, outcome, start)
	if err := x.owner.journal.write(ctx, x.database, record); err != nil {
		return true, err
	}
	x.last.take(record, outcome == nil)
	if outcome != nil || x.status == idle {
		x.loadsEnded(true)
	}
	if outcome != nil {
		x.client.Send(outcome)
		return true, nil
	}
	x.tellLoaded(c, report)
	return false, nil
}

func (x *session) refuseCopy(refusal *pgproto3.ErrorResponse, err error) (bool, error) {
	if err != nil {
		return true, err
	}
	if err := x.fail(); err != nil {
		return true, err
	}
	x.client.Send(refusal)
	return true, nil
}

func (x *session) tellLoaded(c *dialect.CopyStatement, r load.Report) {
	verb := "completed"
	if c.NoLoad {
		verb = "scanned"
	}
	if n := len(r.Bad); n > 0 {
		x.client.Send(&pgproto3.NoticeResponse{Severity: "WARNING", Code: "01000", Message: fmt.Sprintf(
			"Load into table '%s' completed, %d record(s) could not be loaded.  Check 'sys_load_error_detail' system table for details.", c.Table, n)})
	}
	x.client.Send(&pgproto3.NoticeResponse{Severity: "INFO", Code: "00000", Message: fmt.Sprintf(
		"Load into table '%s' %s, %d record(s) loaded successfully.", c.Table, verb, r.Rows)})
	x.client.Send(&pgproto3.CommandComplete{CommandTag: []byte("COPY")})
}

// target is the table's side of a COPY.
type target struct {
	sql     string // PostgreSQL's COPY
	columns []column
	encode  func(out, document []byte) ([]byte, error)
	header  []byte
	trailer []byte
}

type column struct {
	name    string
	super   bool
	needed  bool // NOT NULL
	longest int  // bytes of a VARCHAR, 0 for other types
}

// target looks the table up and chooses how documents become rows.
func (x *session) target(c *dialect.CopyStatement) (target, *pgproto3.ErrorResponse, error) {
	rows, refusal, err := x.ask(`select a.attname, a.atttypid = 'super'::regtype, a.attnotnull,
		case when a.atttypid = 'varchar'::regtype then greatest(a.atttypmod - 4, 0) else 0 end from pg_attribute a
		where a.attrelid = to_regclass(` + pq.QuoteLiteral(c.Table) + `) and a.attnum > 0 and not a.attisdropped order by a.attnum`)
	if err != nil || refusal != nil {
		return target{}, refusal, err
	}
	if len(rows) == 0 {
		return target{}, &pgproto3.ErrorResponse{Severity: "ERROR", Code: "42P01", Message: "Cannot COPY into nonexistent table " + c.Table}, nil
	}
	columns, err := chosen(rows, c)
	if err != nil {
		return target{}, errorResponse(err), nil
	}
	if c.Format == dialect.NoShred {
		return noShredTarget(c, columns)
	}
	return autoTarget(c, columns)
}

// chosen are the columns that COPY names, or all.
func chosen(rows [][]string, c *dialect.CopyStatement) ([]column, error) {
	byName := map[string]column{}
	var all []column
	for _, row := range rows {
		longest, err := strconv.Atoi(row[3])
		if err != nil {
			return nil, fmt.Errorf("the length of column %s: %w", row[0], err)
		}
		found := column{name: row[0], super: row[1] == "t", needed: row[2] == "t", longest: longest}
		byName[found.name] = found
		all = append(all, found)
	}
	if len(c.Columns) == 0 {
		return all, nil
	}
	var out []column
	for _, name := range c.Columns {
		found, ok := byName[name]
		if !ok {
			return nil, &dialect.Error{Code: "42703", Message: fmt.Sprintf("column %q of relation %q does not exist", name, c.Table)}
		}
		out = append(out, found)
	}
	return out, nil
}

// stream runs PostgreSQL's COPY and feeds it. The outcome is what to tell the client, nil for success; the error is for
// a connection that broke.
func (x *session) stream(ctx context.Context, c *dialect.CopyStatement, to target) (load.Report, *pgproto3.ErrorResponse, error) {
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	x.setStop(cancel)
	defer x.setStop(nil)
	feed := &feed{session: x, to: to, noLoad: c.NoLoad && c.Format == dialect.NoShred}
	refusal, err := feed.begin()
	if err != nil || refusal != nil {
		return load.Report{}, refusal, err
	}
	feed.watch(cancel, c.Tolerated)
	report, loadErr := load.Run(reading, x.files(c), x.plan(c), feed.row)
	refusal, err = feed.end(loadErr)
	if err != nil {
		return report, nil, err
	}
	rejected := feed.rejected
	if refusal != nil && aboutData(refusal.Code) {
		if row := complaint(refusal.Where, refusal.Message); row.number > 0 {
			rejected = append(rejected, row)
		}
	}
	switch {
	case loadErr != nil && !errors.Is(loadErr, context.Canceled):
		refusal = copyError(c, loadErr)
	case len(rejected) > c.Tolerated, len(rejected) > 0 && refusal == nil:
		report, refusal = x.explained(ctx, c, to, report, rejected)
	}
	return report, refusal, nil
}

func (x *session) plan(c *dialect.CopyStatement) load.Plan {
	return load.Plan{Source: c.Source, Manifest: c.Manifest, Compression: load.Compression(c.Compression), Tolerated: c.Tolerated,
		Limits: x.owner.options.Limits}
}

func (x *session) setStop(stop context.CancelFunc) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.stopCopy = stop
}

func (x *session) cancelCopy() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.stopCopy != nil {
		x.stopCopy()
	}
}

// copyError is a failed load in Redshift's words.
func copyError(c *dialect.CopyStatement, err error) *pgproto3.ErrorResponse {
	e := &pgproto3.ErrorResponse{Severity: "ERROR", Code: "XX000"}
	var lines *load.TooManyBadLinesError
	var file *load.FileError
	var manifest *load.ManifestError
	switch {
	case errors.As(err, &lines):
		e.Message = fmt.Sprintf("Load into table '%s' failed.  Check 'sys_load_error_detail' system table for details.", c.Table)
	case errors.As(err, &manifest):
		e.Message = "Problem reading manifest file - invalid JSON or no entries"
		e.Detail = manifest.Error()
	case errors.Is(err, errElsewhere): // as in https://github.com/hellonarrativ/spectrify/issues/50
		e.Message = "S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect"
		e.Hint = "REGION must name the region of the bucket; without it COPY looks in the cluster's."
	case errors.As(err, &file) && file.Missing && !c.Manifest:
		e.Message = fmt.Sprintf("The specified S3 prefix '%s' does not exist", file.URL)
	case errors.As(err, &file) && file.Missing:
		e.Message = "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey"
		e.Detail = "key: " + file.URL
	case errors.As(err, &file) && file.Denied:
		e.Message = "S3ServiceException:Access Denied,Status 403,Error AccessDenied"
		e.Detail = "key: " + file.URL
	default:
		e.Message = "S3ServiceException: " + err.Error()
	}
	return e
}

// record tells a COPY for the system tables.
func (x *session) record(id int64, c *dialect.CopyStatement, r load.Report, outcome *pgproto3.ErrorResponse, start time.Time) loadRecord {
	end := x.owner.now()
	h := historyRow{Query: id, Session: x.key.process, Database: x.database, Status: "completed", Table: c.Table, Start: timestamp(start), End: timestamp(end),
		Duration: end.Sub(start).Microseconds(), Source: cut(c.Source, 1024), Format: "json", Rows: r.Rows, Bytes: r.Bytes, SourceFiles: len(r.Files), Files: len(r.Files), Errors: len(r.Bad)}
	if outcome != nil {
		h.Status, h.Rows, h.Bytes = "aborted", 0, 0
	}
	if c.NoLoad {
		h.Rows = 0
	}
	record := loadRecord{ID: id, Count: h.Rows, Files: []fileRow{}, errors: r.Bad}
	for _, f := range r.Files {
		h.FileBytes += f.Size
		record.Files = append(record.Files, fileRow{Query: id, Name: cut(f.URL, nameLimit), Bytes: f.Size, Lines: f.Lines, Splits: 1, Recorded: h.End,
			Start: h.Start, End: h.End, ETag: f.ETag, Modified: timestamp(f.Modified), Size: f.Size})
	}
	h.SourceBytes = h.FileBytes
	record.History = h
	return record
}
