package lambdahost_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"backstop/local/lambdahost"
)

var bootstrap string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

// buildAndRun builds the function once for all tests.
func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "lambdahost")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	bootstrap = filepath.Join(folder, "bootstrap")
	if out, err := exec.Command("go", "build", "-o", bootstrap, "./testdata/bootstrap").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// journal is a log that tells of lines as they come.
type journal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines chan string
}

func newJournal() *journal { return &journal{lines: make(chan string, 100)} }

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines <- strings.TrimSpace(string(b))
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func start(t *testing.T, change func(*lambdahost.Function)) (*lambdahost.Host, *journal) {
	t.Helper()
	log := newJournal()
	f := lambdahost.Function{Name: "forward", Bootstrap: bootstrap, Root: t.TempDir(), Timeout: time.Minute, MemoryMB: 256, Log: log}
	if change != nil {
		change(&f)
	}
	host := lambdahost.New(f)
	t.Cleanup(host.Close)
	return host, log
}

func event(do, text string) []byte {
	out, _ := json.Marshal(map[string]string{"do": do, "text": text}) // strings always marshal
	return out
}

// invoke runs the function and returns its process.
func invoke(t *testing.T, host *lambdahost.Host) int {
	t.Helper()
	answer, err := host.Invoke(t.Context(), event("echo", "hello"))
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Text    string
		Process int
	}
	if err := json.Unmarshal(answer, &out); err != nil || out.Text != "hello" {
		t.Fatalf("answer = %s, %v", answer, err)
	}
	return out.Process
}

func TestASandboxIsReused(t *testing.T) {
	host, _ := start(t, nil)
	if first, second := invoke(t, host), invoke(t, host); first != second {
		t.Errorf("processes %d and %d, want one", first, second)
	}
}

func TestTheFunctionSeesLambdasEnvironmentOnly(t *testing.T) {
	t.Setenv("CANARY_OF_THE_HOST", "1")
	var root string
	host, _ := start(t, func(f *lambdahost.Function) {
		root = f.Root
		f.Environment = map[string]string{"BACKSTOP_QUEUE_URL": "http://127.0.0.1/q"}
	})
	answer, err := host.Invoke(t.Context(), event("about", ""))
	if err != nil {
		t.Fatal(err)
	}
	var about struct {
		Environment []string
		Folder, ARN string
		Left        float64
	}
	if err := json.Unmarshal(answer, &about); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"AWS_LAMBDA_FUNCTION_NAME=forward", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "LAMBDA_TASK_ROOT=" + root,
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "BACKSTOP_QUEUE_URL=http://127.0.0.1/q"} {
		if !slices.Contains(about.Environment, want) {
			t.Errorf("environment lacks %s", want)
		}
	}
	if slices.Contains(about.Environment, "CANARY_OF_THE_HOST=1") {
		t.Error("the host's own environment reached the function")
	}
	if about.Folder != root || about.ARN != "arn:aws:lambda:us-east-1:000000000000:function:forward" || about.Left <= 0 || about.Left > 60 {
		t.Errorf("about = %+v", about)
	}
}

func TestFailuresAreLambdasOwnAndTheNextInvocationWorks(t *testing.T) {
	for _, test := range []struct{ do, kind, message string }{
		{"fail", "errorString", "no luck"},
		{"panic", "string", "no luck"},
		{"exit", "Runtime.ExitError", "Runtime exited with error: exit status 7"},
		{"sleep", "Sandbox.Timedout", "Task timed out after 0.20 seconds"},
		{"big", "Function.ResponseSizeTooLarge", "exceeded maximum allowed payload size"},
	} {
		t.Run(test.do, func(t *testing.T) {
			host, log := start(t, func(f *lambdahost.Function) {
				if test.do == "sleep" {
					f.Timeout = 200 * time.Millisecond
				}
			})
			_, err := host.Invoke(t.Context(), event(test.do, "no luck"))
			var failed *lambdahost.FunctionError
			if !errors.As(err, &failed) || failed.Type != test.kind || !strings.Contains(failed.Message, test.message) {
				t.Fatalf("error = %v, want %s: …%s…", err, test.kind, test.message)
			}
			if test.do == "sleep" && !strings.Contains(log.String(), "Task timed out after 0.20 seconds") {
				t.Errorf("log = %q, want the timeout in it", log)
			}
			invoke(t, host)
		})
	}
}

func TestAFunctionThatDoesNotStart(t *testing.T) {
	host, log := start(t, func(f *lambdahost.Function) { f.Environment = map[string]string{"REFUSE_TO_START": "1"} })
	_, err := host.Invoke(t.Context(), event("echo", ""))
	var failed *lambdahost.FunctionError
	if !errors.As(err, &failed) || failed.Type != "Runtime.ExitError" {
		t.Errorf("error = %v, want Runtime.ExitError", err)
	}
	if log.String() != "no newline at the end\n" {
		t.Errorf("log = %q", log)
	}
	missing, _ := start(t, func(f *lambdahost.Function) { f.Bootstrap += ".missing" })
	if _, err := missing.Invoke(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "bootstrap.missing") {
		t.Errorf("no bootstrap: %v, want an error that names it", err)
	}
}

func TestKillFailsTheInvocationInProgress(t *testing.T) {
	host, log := start(t, nil)
	failed := make(chan error)
	go func() {
		_, err := host.Invoke(context.WithoutCancel(t.Context()), event("wait", filepath.Join(t.TempDir(), "never")))
		failed <- err
	}()
	<-log.lines // it is in the middle of its work
	if n := host.Kill(); n != 1 {
		t.Errorf("killed %d sandboxes, want 1", n)
	}
	var exit *lambdahost.FunctionError
	if err := <-failed; !errors.As(err, &exit) || exit.Message[len(exit.Message)-len("signal: killed"):] != "signal: killed" {
		t.Errorf("error = %v, want a Runtime.ExitError by a signal", err)
	}
	invoke(t, host)
}

func TestConcurrencyWaitsOrThrottles(t *testing.T) {
	for _, reserved := range []bool{false, true} {
		t.Run(fmt.Sprint("reserved ", reserved), func(t *testing.T) {
			host, log := start(t, func(f *lambdahost.Function) { f.Sandboxes, f.Reserved = 2, reserved })
			open := filepath.Join(t.TempDir(), "open")
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() {
					if _, err := host.Invoke(context.WithoutCancel(t.Context()), event("wait", open)); err != nil {
						t.Errorf("invoke: %v", err)
					}
				})
			}
			<-log.lines
			<-log.lines // both run at the same time
			third, cancel := context.WithCancel(t.Context())
			if reserved {
				if _, err := host.Invoke(third, event("echo", "")); !errors.Is(err, lambdahost.ErrThrottled) {
					t.Errorf("third = %v, want ErrThrottled", err)
				}
			}
			cancel()
			if !reserved {
				if _, err := host.Invoke(third, event("echo", "")); !errors.Is(err, context.Canceled) {
					t.Errorf("third with an ended context = %v", err)
				}
			}
			if err := os.WriteFile(open, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			both.Wait()
		})
	}
}

func TestTheFunctionFinishesThoughItsCallerIsGone(t *testing.T) {
	host, log := start(t, nil)
	caller, leave := context.WithCancel(t.Context())
	open := filepath.Join(t.TempDir(), "open")
	left := make(chan error)
	go func() {
		_, err := host.Invoke(caller, event("wait", open))
		left <- err
	}()
	<-log.lines
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the caller's", err)
	}
	if err := os.WriteFile(open, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	invoke(t, host) // waits for the only sandbox, which lives
	if n := host.Kill(); n != 1 {
		t.Errorf("%d sandboxes, want the one", n)
	}
}

func TestCloseLeavesNoProcess(t *testing.T) {
	host, _ := start(t, nil)
	process := invoke(t, host)
	host.Close()
	host.Close()
	if err := syscall.Kill(process, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is alive (%v)", process, err)
	}
	if _, err := host.Invoke(t.Context(), event("echo", "")); !errors.Is(err, lambdahost.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
}

func TestLinesStayWhole(t *testing.T) {
	host, log := start(t, func(f *lambdahost.Function) { f.Sandboxes = 4 })
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			if _, err := host.Invoke(context.WithoutCancel(t.Context()), event("say", strings.Repeat(string(rune('a'+n%26)), 500))); err != nil {
				t.Errorf("invoke: %v", err)
			}
		})
	}
	all.Wait()
	host.Close()
	for line := range strings.Lines(log.String()) {
		if text := strings.TrimSpace(line); len(text) != 500 || strings.Trim(text, text[:1]) != "" {
			t.Errorf("a torn line: %q", text)
		}
	}
}
