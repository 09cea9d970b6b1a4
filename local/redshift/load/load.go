// Package load reads the files of a COPY: it finds them by manifest or prefix, unpacks them, cuts them into JSON
// documents and checks each as Redshift does before it becomes a row. Its memory does not grow with the files.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Files is what COPY reads from.
type Files interface {
	// Open starts reading an object. An object that does not exist is an error that wraps fs.ErrNotExist, one that may
	// not be read wraps fs.ErrPermission.
	Open(ctx context.Context, bucket, key string) (*Object, error)
	// List gives the keys that start with the prefix, sorted.
	List(ctx context.Context, bucket, prefix string) ([]string, error)
}

// Object is an open file. Its reader is closed by whoever opened it.
type Object struct {
	io.ReadCloser
	ETag     string // without quotes
	Size     int64
	Modified time.Time
}

// Limits are the sizes at which Redshift refuses a document.
type Limits struct {
	Document int // bytes of one JSON document
	String   int // bytes of one string in it
	Depth    int // levels of nesting
}

// RedshiftLimits are the documented ones: COPY from JSON, and SUPER's limitations.
func RedshiftLimits() Limits { return Limits{Document: 4 << 20, String: 65535, Depth: 1000} }

// Compression unpacks files.
type Compression string

const (
	Plain Compression = ""
	Gzip  Compression = "gzip"
	Zstd  Compression = "zstd"
)

// Plan says what to read.
type Plan struct {
	Source      string // s3://bucket/key of a manifest, or s3://bucket/prefix
	Manifest    bool
	Compression Compression
	Tolerated   int // bad lines that do not make the load fail
	Limits      Limits
}

// File is the account of one file.
type File struct {
	URL      string
	ETag     string
	Modified time.Time
	Size     int64 // bytes as stored
	Lines    int64
}

// Report is the account of a load.
type Report struct {
	Files []File
	Rows  int64
	Bytes int64 // of documents
	Bad   []BadLine
}

// BadLine is a document that cannot become a row.
type BadLine struct {
	File       string
	Line       int64  // the document's last line, from 1
	Column     int    // the byte in the document at which it goes wrong
	ColumnName string // the table's column, where one is at fault
	Code       int    // Redshift's load error code
	Reason     string
	Text       string // the start of the document
}

// TooManyBadLinesError ends a load whose bad lines are more than Plan.Tolerated. They are in the report.
type TooManyBadLinesError struct{ Bad int }

func (e *TooManyBadLinesError) Error() string {
	return fmt.Sprintf("%d lines cannot be loaded", e.Bad)
}

// RowError is what emit gives for a document that cannot become a row of the table: it counts as a bad line.
type RowError struct {
	Column string // the table's column, where one is at fault
	Code   int    // Redshift's load error code
	Reason string
}

func (e *RowError) Error() string { return e.Reason }

// Row is a document that can become a row.
type Row struct {
	Document []byte // valid until the next one
	File     string
	Line     int64 // its last line, from 1
}

// Shown is the start of the document, as the system tables tell it.
func (r Row) Shown() string { return string(r.Document[:min(len(r.Document), shownText)]) }

// Run reads all files in order and hands each document to emit, which may refuse it by a *RowError. The report is good for what was read, also
// after an error: *TooManyBadLinesError, *FileError, or what emit or ctx gave.
func Run(ctx context.Context, files Files, plan Plan, emit func(Row) error) (Report, error) {
	r := runner{files: files, plan: plan, emit: emit}
	entries, err := r.entries(ctx)
	if err != nil {
		return r.report, err
	}
	for _, e := range entries {
		if err := r.file(ctx, e); err != nil {
			return r.report, err
		}
	}
	if len(r.report.Files) == 0 {
		return r.report, &FileError{URL: plan.Source, Missing: true, Err: errors.New("none of its files exists")}
	}
	return r.report, nil
}

type runner struct {
	files  Files
	plan   Plan
	emit   func(Row) error
	report Report
	buffer []byte // shared by the files, so that one load allocates once
}

func (r *runner) file(ctx context.Context, e entry) error {
	object, err := r.files.Open(ctx, e.bucket, e.key)
	if errors.Is(err, fs.ErrNotExist) && !e.mandatory {
		return nil
	}
	if err != nil {
		return &FileError{URL: e.url(), Missing: errors.Is(err, fs.ErrNotExist), Denied: errors.Is(err, fs.ErrPermission), Err: err}
	}
	defer object.Close()
	r.report.Files = append(r.report.Files, File{URL: e.url(), ETag: object.ETag, Modified: object.Modified, Size: object.Size})
	content, err := unpack(object, r.plan.Compression)
	if err != nil {
		return r.bad(BadLine{File: e.url(), Code: 1216, Reason: fmt.Sprintf("not %s: %v", r.plan.Compression, err)}, true)
	}
	defer content.Close()
	return r.documents(ctx, e.url(), content)
}

func (r *runner) documents(ctx context.Context, url string, content io.Reader) error {
	d := documents{in: content, limits: r.plan.Limits, buffer: r.buffer}
	defer func() { r.buffer = d.buffer }()
	account := &r.report.Files[len(r.report.Files)-1]
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		document, err := d.next()
		account.Lines = d.lines()
		var flaw *flaw
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &flaw):
			bad := BadLine{File: url, Line: d.line(), Column: flaw.at, Code: flaw.code, Reason: flaw.reason, Text: flaw.text}
			if err := r.bad(bad, flaw.final); err != nil {
				return err
			}
			if flaw.final {
				return nil
			}
		case err != nil:
			return &FileError{URL: url, Err: err}
		default:
			if err := r.row(Row{Document: document, File: url, Line: d.line()}); err != nil {
				return err
			}
		}
	}
}

// row hands a document on, and counts it.
func (r *runner) row(row Row) error {
	err := r.emit(row)
	var refused *RowError
	switch {
	case errors.As(err, &refused):
		return r.bad(BadLine{File: row.File, Line: row.Line, ColumnName: refused.Column, Code: refused.Code, Reason: refused.Reason, Text: row.Shown()}, false)
	case err != nil:
		return err
	}
	r.report.Rows++
	r.report.Bytes += int64(len(row.Document))
	return nil
}

// bad records a bad line; a file that cannot be read at all is never tolerated.
func (r *runner) bad(line BadLine, whole bool) error {
	r.report.Bad = append(r.report.Bad, line)
	if whole || len(r.report.Bad) > r.plan.Tolerated {
		return &TooManyBadLinesError{Bad: len(r.report.Bad)}
	}
	return nil
}

func unpack(in io.Reader, c Compression) (io.ReadCloser, error) {
	switch c {
	case Gzip:
		return gzip.NewReader(in)
	case Zstd:
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}
	return io.NopCloser(in), nil
}
