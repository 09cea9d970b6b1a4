package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// progress shows phases as lines, and on a terminal the phase's steps as a bar.
type progress struct {
	mu      sync.Mutex
	out     io.Writer
	tty     bool
	started time.Time
	bar     *progressbar.ProgressBar
	barOf   string
}

func newProgress(out io.Writer) *progress {
	file, ok := out.(*os.File)
	return &progress{out: out, tty: ok && isatty.IsTerminal(file.Fd()), started: time.Now()}
}

// Phase says what begins.
func (p *progress) Phase(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endBar()
	fmt.Fprintf(p.out, "%6.1f s  %s\n", time.Since(p.started).Seconds(), what)
}

// Note writes a line that stays.
func (p *progress) Note(format string, a ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endBar()
	fmt.Fprintf(p.out, format+"\n", a...)
}

// Step moves the bar; elsewhere than on a terminal the phase's line is enough.
func (p *progress) Step(what string, n, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.tty {
		return
	}
	if p.barOf != what {
		p.endBar()
		p.bar = progressbar.NewOptions(of, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription("          "+what),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
		p.barOf = what
	}
	_ = p.bar.Set(n) // a bar that cannot be drawn must not stop the work
}

func (p *progress) endBar() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar, p.barOf = nil, ""
	}
}
