package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopTime is what a fast shutdown may take before the server is killed.
const stopTime = 20 * time.Second

// process is the running postmaster.
type process struct {
	log  string
	os   *os.Process
	done chan struct{}
	once sync.Once
}

// startProcess starts the postmaster in a process group of its own, so that a Ctrl-C reaches it only through Stop.
// The kernel ends it when the thread that started it ends; so that thread is held until the postmaster is gone.
func startProcess(p place, args []string) (*process, error) {
	log, err := os.OpenFile(logPath(p.data), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL's log: %w", err)
	}
	cmd := p.command(context.Background(), "postgres", args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)
	started, done := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer log.Close()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log
			close(done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return &process{log: log.Name(), os: cmd.Process, done: done}, nil
}

func (p *process) stop() error {
	var err error
	p.once.Do(func() { err = p.shutDown() })
	return err
}

// shutDown asks for a fast shutdown (SIGINT), then insists.
func (p *process) shutDown() error {
	if err := p.os.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopTime):
		_ = p.os.Kill()
		<-p.done
		return fmt.Errorf("PostgreSQL did not stop within %s and was killed", stopTime)
	}
}

// failure explains a server that ended while it should start.
func (p *process) failure(port int) error {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return fmt.Errorf("PostgreSQL ended at once and its log cannot be read: %w", err)
	}
	if strings.Contains(string(text), "could not bind") {
		return &PortInUseError{Port: port}
	}
	return fmt.Errorf("PostgreSQL ended at once: %s", lastLines(string(text), 6))
}
