package lambdahost

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// initTime is how long a function may take until it asks for its first invocation.
const initTime = 10 * time.Second

// sandbox is one process of the function with a Runtime API of its own.
type sandbox struct {
	name    string
	api     *http.Server
	command *exec.Cmd
	log     *lines
	out     *stream
	err     *stream
	work    chan *invocation // handed over when the runtime asks for the next
	exited  chan struct{}    // closed when the process is gone
	exit    error            // how it ended, once exited is closed
	asked   chan struct{}    // holds a token while the runtime asks for the next invocation

	mu      sync.Mutex
	current *invocation
}

// startSandbox starts the bootstrap. It does not wait for the runtime to ask for work.
func startSandbox(f Function, log *lines) (*sandbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", f.Name, err)
	}
	s := &sandbox{name: f.Name, log: log, work: make(chan *invocation), exited: make(chan struct{}), asked: make(chan struct{}, 1)}
	s.api = &http.Server{Handler: s.routes(f), ReadHeaderTimeout: time.Minute}
	s.command = exec.Command(f.Bootstrap)
	s.command.Dir = f.Root
	s.command.Env = environment(f, listener.Addr().String())
	s.out, s.err = log.stream(), log.stream()
	s.command.Stdout, s.command.Stderr = s.out, s.err
	s.command.WaitDelay = time.Second // for a grandchild that keeps the streams open
	s.command.SysProcAttr = dieWithParent()
	started := make(chan error, 1)
	go s.live(started)
	if err := <-started; err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", f.Name, err), listener.Close())
	}
	go s.api.Serve(listener) // ends with ErrServerClosed by stop
	return s, nil
}

// live starts the process and waits for it, on one thread: the kernel ends the child with the thread that started it.
func (s *sandbox) live(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.exited)
	err := s.command.Start()
	started <- err
	if err == nil {
		s.exit = s.command.Wait()
		s.out.end()
		s.err.end()
	}
}

// run gives the runtime an invocation and waits until it is finished, within the function's timeout from the moment at
// which the runtime takes it.
func (s *sandbox) run(i *invocation, timeout time.Duration) {
	if !s.hand(i) {
		return
	}
	clock := time.NewTimer(timeout)
	defer clock.Stop()
	select {
	case <-i.done:
	case <-s.exited:
		i.finish(nil, s.exitError(i))
	case <-clock.C:
		s.timeOut(i, timeout)
	}
}

// hand waits for the runtime to take the invocation.
func (s *sandbox) hand(i *invocation) bool {
	clock := time.NewTimer(initTime)
	defer clock.Stop()
	select {
	case s.work <- i:
		<-i.taken
		return true
	case <-s.exited:
		i.finish(nil, s.exitError(i))
	case <-clock.C:
		s.timeOut(i, initTime)
	}
	return false
}

func (s *sandbox) timeOut(i *invocation, after time.Duration) {
	message := fmt.Sprintf("Task timed out after %.2f seconds", after.Seconds())
	s.log.say(i.id + " " + message)
	s.kill()
	i.finish(nil, functionError("Sandbox.Timedout", "RequestId: "+i.id+" Error: "+message))
}

func (s *sandbox) exitError(i *invocation) error {
	how := "exit status 0"
	if s.exit != nil {
		how = s.exit.Error()
	}
	return functionError("Runtime.ExitError", "RequestId: "+i.id+" Error: Runtime exited with error: "+how)
}

// settled waits until the runtime asks for more, which it does after every invocation, or is gone.
func (s *sandbox) settled() bool {
	select {
	case <-s.asked:
		s.asked <- struct{}{}
		return s.alive()
	case <-s.exited:
		return false
	}
}

func (s *sandbox) alive() bool {
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

// kill ends the process; it does not wait.
func (s *sandbox) kill() {
	_ = s.command.Process.Kill() // an error means that it is gone already
}

// stop ends the process and its Runtime API and waits for both.
func (s *sandbox) stop() {
	s.kill()
	<-s.exited
	_ = s.api.Close() // only closes listeners and connections of this machine
}
