package airflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// component is one of Airflow's programs, in a session of its own, so that a Ctrl-C reaches it only through Stop and whatever it
// leaves behind can be found.
type component struct {
	name  string
	log   string
	pid   int
	ended context.Context
	state func() *os.ProcessState // only once ended is done
}

// startComponent runs `airflow ARGS`. The kernel ends it when the thread that started it ends, so that thread is held until then.
func startComponent(o Options, env []string, args ...string) (*component, error) {
	name := strings.Join(args[:min(2, len(args))], " ")
	name = strings.TrimSuffix(name, " --skip-serve-logs")
	log, err := os.Create(filepath.Join(logFolder(o.Home), strings.ReplaceAll(name, " ", "-")+".log"))
	if err != nil {
		return nil, fmt.Errorf("make the log of Airflow's %s: %w", name, err)
	}
	cmd := exec.Command(filepath.Join(o.Venv, "bin", "airflow"), args...)
	cmd.Dir, cmd.Env = o.Home, env
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	dieWithParent(cmd.SysProcAttr)
	ended, end := context.WithCancel(context.Background())
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer log.Close()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log
		}
		end()
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start Airflow's %s: %w", name, err)
	}
	return &component{name, log.Name(), cmd.Process.Pid, ended, func() *os.ProcessState { return cmd.ProcessState }}, nil
}

func (c *component) exitCode() int { return c.state().ExitCode() }

// failure explains a component that has ended without being asked to.
func (c *component) failure() error {
	return fmt.Errorf("the %s of Airflow has ended (%s): %s; its log: %s", c.name, c.state(), lastLine(c.log), c.log)
}

// stopAll ends components at the same time; it is an error if one had to be killed.
func stopAll(ctx context.Context, components []*component, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	for _, c := range components {
		// To the group, because only then are the tasks that run told to stop; one that is gone already is as it should be.
		_ = syscall.Kill(-c.pid, syscall.SIGTERM)
	}
	var killed []error
	for _, c := range components {
		select {
		case <-c.ended.Done():
		case <-ctx.Done():
		}
		if c.ended.Err() == nil {
			killed = append(killed, fmt.Errorf("the %s of Airflow did not stop in time and was killed; its log: %s", c.name, c.log))
		}
		c.kill()
	}
	return errors.Join(killed...)
}

// kill ends whatever is left of the component's session: itself, its workers and the tasks that they run.
func (c *component) kill() {
	for _, pid := range append(sessionMembers(c.pid), c.pid) {
		if pid != c.pid || c.ended.Err() == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	<-c.ended.Done()
}

// lastLine is the last thing that a log says.
func lastLine(path string) string {
	const tail = 4096
	file, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > tail {
		_, err = file.Seek(-tail, io.SeekEnd)
		if err != nil {
			return err.Error()
		}
	}
	text, err := io.ReadAll(file)
	lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
	if len(lines) == 0 {
		return errors.Join(errors.New("it said nothing"), err).Error()
	}
	return lines[len(lines)-1]
}
