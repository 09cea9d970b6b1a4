// Package lambdahost stands in for AWS Lambda's execution environment: it runs an unmodified bootstrap for
// provided.al2023 as a child process and speaks the Runtime API to it over a loopback listener of its own.
//
// Imitated: sandboxes that are started when needed, reused, and each given one invocation at a time; the environment of
// a function; deadlines; timeouts, crashes and errors with Lambda's own error types, after which a new sandbox starts;
// the 6 MB limit of requests and answers; throttling above a reserved concurrency.
//
// Not imitated: memory and CPU limits, a read-only file system, freezing between invocations, extensions, response
// streaming, layers, roles, the START/END/REPORT log lines, asynchronous invocation. Without a reserved concurrency an
// invocation waits for a sandbox where Lambda would start another. Elsewhere than on Linux a killed host leaves its
// children behind.
package lambdahost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// maxPayload is Lambda's limit for a synchronous request or answer.
const maxPayload = 6 << 20

// ErrThrottled says that the function runs as often as it may (TooManyRequestsException).
var ErrThrottled = errors.New("TooManyRequestsException: Rate Exceeded")

// ErrClosed says that the host was closed.
var ErrClosed = errors.New("the Lambda host is closed")

// Function says what to run and how.
type Function struct {
	Name        string
	Bootstrap   string // path of the executable
	Root        string // LAMBDA_TASK_ROOT and working folder
	Environment map[string]string
	Timeout     time.Duration
	MemoryMB    int
	Region      string    // "us-east-1" when empty
	Sandboxes   int       // how many may run at a time; 1 when 0
	Reserved    bool      // refuse with ErrThrottled above Sandboxes, as with a reserved concurrency, rather than wait
	Log         io.Writer // gets the function's lines of stdout and stderr, one whole line a Write; nil discards them
}

// FunctionError is an invocation that failed in the function, as Lambda reports it.
type FunctionError struct {
	Type    string // errorType, e.g. "Runtime.ExitError" or the Go type of the handler's error
	Message string // errorMessage
	Payload []byte // the JSON that Lambda would answer
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// functionError makes the error that Lambda itself reports for an invocation.
func functionError(kind, message string) *FunctionError {
	payload, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message}) // strings always marshal
	return &FunctionError{Type: kind, Message: message, Payload: payload}
}

// Host runs one function. It is safe for concurrent use.
type Host struct {
	function Function
	log      *lines
	slots    chan struct{} // holds one token for every sandbox that works
	running  sync.WaitGroup

	mu        sync.Mutex
	idle      []*sandbox
	sandboxes map[*sandbox]bool // all that are alive
	closed    bool
}

// New returns a host without sandboxes; the first invocation starts one. Close it, or its children live on with it.
func New(f Function) *Host {
	if f.Region == "" {
		f.Region = "us-east-1"
	}
	f.Sandboxes = max(f.Sandboxes, 1)
	return &Host{function: f, log: &lines{to: f.Log}, slots: make(chan struct{}, f.Sandboxes), sandboxes: map[*sandbox]bool{}}
}

// Invoke runs the function once and returns its answer. A failure within the function is a *FunctionError. When ctx ends
// Invoke returns, but the function finishes, as it does in Lambda.
func (h *Host) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > maxPayload {
		return nil, fmt.Errorf("invoke %s: RequestEntityTooLargeException: the request is %d bytes, over %d", h.function.Name, len(payload), maxPayload)
	}
	if err := h.admit(ctx); err != nil {
		return nil, fmt.Errorf("invoke %s: %w", h.function.Name, err)
	}
	i := newInvocation(payload)
	go h.run(i)
	select {
	case <-i.done:
		return i.answer, i.err
	case <-ctx.Done():
		return nil, fmt.Errorf("invoke %s: %w", h.function.Name, ctx.Err())
	}
}

// admit takes a slot.
func (h *Host) admit(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
	default:
		if h.function.Reserved {
			return ErrThrottled
		}
		select {
		case h.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		<-h.slots
		return ErrClosed
	}
	h.running.Add(1)
	return nil
}

// run gives an invocation to a sandbox and keeps the sandbox for the next one if it lives.
func (h *Host) run(i *invocation) {
	defer h.running.Done()
	defer func() { <-h.slots }()
	s, err := h.take()
	if err != nil {
		i.finish(nil, err)
		return
	}
	s.run(i, h.function.Timeout)
	if s.settled() {
		h.keep(s)
		return
	}
	s.stop()
	h.drop(s)
}

// take returns an idle sandbox that lives, or a new one.
func (h *Host) take() (*sandbox, error) {
	h.mu.Lock()
	for len(h.idle) > 0 {
		s := h.idle[len(h.idle)-1]
		h.idle = h.idle[:len(h.idle)-1]
		if s.alive() {
			h.mu.Unlock()
			return s, nil
		}
		delete(h.sandboxes, s)
	}
	h.mu.Unlock()
	s, err := startSandbox(h.function, h.log)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sandboxes[s] = true
	if h.closed {
		s.kill()
	}
	return s, nil
}

func (h *Host) keep(s *sandbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.idle = append(h.idle, s)
}

func (h *Host) drop(s *sandbox) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sandboxes, s)
}

// Kill ends the processes of all sandboxes at once, as a crash of the machine under them does, and returns how many there
// were when they are gone. Invocations in progress fail with Runtime.ExitError, the next ones start new sandboxes.
func (h *Host) Kill() int {
	h.mu.Lock()
	running := slices.Collect(maps.Keys(h.sandboxes))
	h.mu.Unlock()
	for _, s := range running {
		s.kill()
	}
	for _, s := range running {
		<-s.exited
	}
	return len(running)
}

// Close ends all sandboxes, invocations in progress included, and waits until no child is left. Later invocations
// return ErrClosed. It may be called again.
func (h *Host) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.Kill()
	h.running.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.sandboxes {
		s.stop()
	}
	h.sandboxes, h.idle = map[*sandbox]bool{}, nil
}
