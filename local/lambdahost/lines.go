package lambdahost

import (
	"bytes"
	"io"
	"sync"
)

// maxLine bounds how much of an unended line is held.
const maxLine = 1 << 20

// lines writes whole lines of several streams to one writer.
type lines struct {
	mu sync.Mutex
	to io.Writer
}

// say writes one line.
func (l *lines) say(text string) { l.write([]byte(text + "\n")) }

func (l *lines) write(line []byte) {
	if l.to == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.to.Write(line) // a log that cannot be written must not stop the function
}

// stream returns a writer for one process's output.
func (l *lines) stream() *stream { return &stream{lines: l} }

// stream cuts what one process writes into lines; exec calls it from one goroutine.
type stream struct {
	lines *lines
	rest  []byte
}

func (s *stream) Write(b []byte) (int, error) {
	s.rest = append(s.rest, b...)
	for {
		end := bytes.IndexByte(s.rest, '\n')
		if end < 0 {
			break
		}
		s.lines.write(s.rest[:end+1])
		s.rest = s.rest[end+1:]
	}
	if len(s.rest) > maxLine {
		s.end()
	}
	return len(b), nil
}

// end writes what is left without a newline as a line.
func (s *stream) end() {
	if len(s.rest) > 0 {
		s.lines.say(string(s.rest))
		s.rest = nil
	}
}
