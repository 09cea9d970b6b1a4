package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	firstBuffer = 256 << 10
	shownText   = 1024 // sys_load_error_detail.raw_line is a char(1024)
)

// documents cuts a stream into JSON documents, whatever white space stands between them.
type documents struct {
	in       io.Reader
	limits   Limits
	buffer   []byte
	from, to int   // the unread part of the buffer
	newlines int64 // passed so far
	partial  bool  // there was something behind the last newline
	ended    error // what the reader ended with
	check    checker
}

// flaw is a document that cannot be loaded. After a final one the file holds nothing more.
type flaw struct {
	at     int
	code   int
	reason string
	text   string
	final  bool
}

func (f *flaw) Error() string { return f.reason }

// Redshift's load error codes ("Load error reference").
const (
	codeInvalidUTF8 = 1220
	codeTooLong     = 1204
	codeInvalidJSON = 1224
	codeUnreadable  = 1216
)

// lines is the number of lines passed, an unfinished last one with them.
func (d *documents) lines() int64 {
	if d.partial {
		return d.newlines + 1
	}
	return d.newlines
}

// line is the number of the line at which reading stands.
func (d *documents) line() int64 { return d.newlines + 1 }

// next is the next document, a *flaw, io.EOF, or what the reader failed with.
func (d *documents) next() ([]byte, error) {
	if !d.skipSpace() {
		if !errors.Is(d.ended, io.EOF) {
			return nil, &flaw{code: codeUnreadable, reason: fmt.Sprintf("the file breaks off: %v", d.ended), final: true}
		}
		return nil, io.EOF
	}
	d.partial = true
	for {
		n, f := d.check.document(d.buffer[d.from:d.to], d.limits)
		switch {
		case f == nil && n <= d.limits.Document:
			document := d.buffer[d.from : d.from+n]
			d.pass(n)
			return document, nil
		case f == nil:
			return nil, d.skip(&flaw{code: codeTooLong, reason: d.tooLong()}, n)
		case !f.incomplete:
			return nil, d.skipBad(f)
		case d.to-d.from > d.limits.Document:
			return nil, d.skipLine(&flaw{code: codeTooLong, reason: d.tooLong(), at: d.limits.Document})
		case !d.fill():
			if !errors.Is(d.ended, io.EOF) {
				return nil, &flaw{code: codeUnreadable, reason: fmt.Sprintf("the file breaks off: %v", d.ended), final: true}
			}
			return nil, d.skipLine(&flaw{code: codeInvalidJSON, reason: "Invalid JSON: the document does not end", at: d.to - d.from})
		}
	}
}

func (d *documents) tooLong() string {
	return fmt.Sprintf("JSON document is longer than %d bytes", d.limits.Document)
}

// skipSpace passes white space and is false at the end.
func (d *documents) skipSpace() bool {
	for {
		for d.from < d.to {
			switch d.buffer[d.from] {
			case ' ', '\t', '\r':
				d.from++
			case '\n':
				d.newlines++
				d.partial = false
				d.from++
			default:
				return true
			}
		}
		if !d.fill() {
			return false
		}
	}
}

// skipBad passes a bad document: to where the next one seems to start, else to the end of the line where it went wrong.
func (d *documents) skipBad(f *jsonFlaw) error {
	report := &flaw{at: f.at, code: f.code, reason: f.reason}
	if start := d.from + f.at; f.at > 0 && (d.buffer[start] == '{' || d.buffer[start] == '[') && d.startsLine(start) {
		return d.skip(report, d.lineStart(start)-d.from)
	}
	report.text = d.shown()
	d.pass(f.at)
	return d.restOfLine(report)
}

func (d *documents) startsLine(at int) bool {
	return bytes.TrimLeft(d.buffer[d.lineStart(at):at], " \t\r") == nil || len(bytes.TrimLeft(d.buffer[d.lineStart(at):at], " \t\r")) == 0
}

func (d *documents) lineStart(at int) int {
	return d.from + bytes.LastIndexByte(d.buffer[d.from:at], '\n') + 1
}

// skip passes n bytes, less the newline they end with, so that the flaw is told with the document's last line.
func (d *documents) skip(f *flaw, n int) error {
	f.text = d.shown()
	if n > 0 && d.buffer[d.from+n-1] == '\n' {
		n--
	}
	d.pass(n)
	return f
}

func (d *documents) skipLine(f *flaw) error {
	f.text = d.shown()
	return d.restOfLine(f)
}

func (d *documents) restOfLine(f *flaw) error {
	for {
		if end := bytes.IndexByte(d.buffer[d.from:d.to], '\n'); end >= 0 {
			d.pass(end)
			return f
		}
		d.pass(d.to - d.from)
		if !d.fill() {
			return f
		}
	}
}

func (d *documents) shown() string {
	text := d.buffer[d.from:min(d.to, d.from+shownText)]
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	return string(text)
}

func (d *documents) pass(n int) {
	d.newlines += int64(bytes.Count(d.buffer[d.from:d.from+n], []byte{'\n'}))
	d.from += n
}

// fill reads on, making room first; it is false when the stream has ended.
func (d *documents) fill() bool {
	if d.ended != nil {
		return false
	}
	if d.from > 0 {
		d.to = copy(d.buffer, d.buffer[d.from:d.to])
		d.from = 0
	}
	if d.to == len(d.buffer) {
		d.buffer = append(d.buffer, make([]byte, max(firstBuffer, len(d.buffer)))...)
	}
	for {
		n, err := d.in.Read(d.buffer[d.to:])
		d.to += n
		if err != nil {
			d.ended = err
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
}
