package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"backstop/local/stack"
)

// errNothingUp says that no stack is up.
var errNothingUp = errors.New("no stack is up: `make up` starts one")

// running describes the stack that is up; without one it is errNothingUp.
func (p *program) running() (stack.Info, error) {
	info, err := stack.ReadInfo(p.place("stack.json"))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !alive(info.PID) {
		return stack.Info{}, errNothingUp
	}
	return info, err
}

// signalNothing asks whether a process is there.
const signalNothing = syscall.Signal(0)

func (p *program) upCommand() *cobra.Command {
	var ports stack.Ports
	cmd := &cobra.Command{
		Use:     "up",
		Short:   "Open the kept state, or a new one, and leave the stack running",
		Example: "  backstop-local up --front-port 8080 --airflow-port 8081",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.up(cmd.Context(), changedFlags(cmd))
		},
	}
	portFlags(cmd, &ports)
	return cmd
}

// changedFlags are the flags that were given, in the form in which `serve` takes them.
func changedFlags(cmd *cobra.Command) []string {
	var given []string
	cmd.Flags().Visit(func(f *pflag.Flag) { given = append(given, "--"+f.Name+"="+f.Value.String()) })
	return given
}

func (p *program) up(ctx context.Context, flags []string) error {
	if info, err := p.running(); err == nil {
		fmt.Fprintln(p.stdout, "the stack is up already")
		return p.show(info)
	}
	log, err := os.Create(p.place("up.log"))
	if err != nil {
		return fmt.Errorf("open the log of the stack: %w", err)
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	server := exec.Command(self, append([]string{"serve"}, flags...)...)
	server.Dir, server.Stdout, server.Stderr = p.root, log, log
	server.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it outlives the terminal that started it
	if err := server.Start(); err != nil {
		return fmt.Errorf("start the stack: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	fmt.Fprintln(p.stderr, "starting the stack, about half a minute …")
	info, err := p.awaitStack(ctx, server.Process.Pid, ended)
	if err != nil {
		_ = server.Process.Signal(syscall.SIGTERM) // it has ended, or is told to
		return err
	}
	return p.show(info)
}

// awaitStack returns once the stack says where it is.
func (p *program) awaitStack(ctx context.Context, pid int, ended <-chan error) (stack.Info, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return stack.Info{}, ctx.Err()
		case err := <-ended:
			said, _ := os.ReadFile(p.place("up.log")) // the reason, if it can be read
			return stack.Info{}, fmt.Errorf("the stack did not start: %w\n%s", errors.Join(err), said)
		case <-tick.C:
			if info, err := stack.ReadInfo(p.place("stack.json")); err == nil && info.PID == pid {
				return info, nil
			}
		}
	}
}

// show prints what a person needs to use the stack.
func (p *program) show(info stack.Info) error {
	t := table.NewWriter()
	t.SetOutputMirror(p.stdout)
	t.SetStyle(table.StyleLight)
	t.AppendRows([]table.Row{
		{"front", info.Front + "/p/appsflyer/" + info.Tokens["appsflyer"]}, {"warehouse", "psql " + info.WarehouseDSN},
		{"Airflow", fmt.Sprintf("%s  user %s  password %s", info.Airflow.URL, info.Airflow.User, info.Airflow.Password)},
		{"TUNE", info.Tune}, {"archive", info.Archive + " at " + info.S3Endpoint},
		{"all of it", p.place("stack.json")}, {"stop it", "make down"},
	})
	t.Render()
	return nil
}

func (p *program) downCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop what `up` started; the state stays",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.down(cmd.Context()) },
	}
}

func (p *program) down(ctx context.Context) error {
	info, err := p.running()
	if errors.Is(err, errNothingUp) {
		fmt.Fprintln(p.stdout, "nothing is up")
		return nil
	}
	if err != nil {
		return err
	}
	if err := syscall.Kill(info.PID, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the stack: %w", err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for alive(info.PID) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	fmt.Fprintln(p.stdout, "the stack has stopped; its state is kept")
	return nil
}
