// Package airflow runs a real Airflow on 127.0.0.1 from its own virtual environment and drives it through its REST API.
package airflow

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

const (
	host      = "127.0.0.1"
	startTime = 3 * time.Minute
	// runningTasksTime is what the scheduler may take to stop the tasks that run.
	runningTasksTime = time.Minute
	// serverTime is short: once no task runs, the API server has nothing to lose, and it often fails to end by itself.
	serverTime = 2 * time.Second
)

// Options says which Airflow to run and where.
type Options struct {
	Venv        string   // the virtual environment that Airflow is installed in
	Dags        string   // the DAGs folder, which also goes on PYTHONPATH
	Home        string   // configuration, logs and the login are kept here; made when missing
	Database    string   // URL of a PostgreSQL database of its own, postgres://user:password@host:port/name
	Port        int      // of the UI and the REST API; 0 takes a free one
	Environment []string // KEY=value: all that DAGs and their steps get; Airflow's own settings in it are left out
	Schedule    bool     // start runs by timetable too; without it only triggered ones run
}

// PortInUseError says that the wanted port is taken.
type PortInUseError struct{ Port int }

func (e *PortInUseError) Error() string {
	return fmt.Sprintf("port %d on %s is in use: stop the program that listens there or choose another port", e.Port, host)
}

// Airflow is a running Airflow: API server, scheduler and DAG processor. All of it ends with Stop, and by itself when this program
// dies. There is no triggerer: nothing here waits deferred.
type Airflow struct {
	*Client
	URL        string // of the UI
	components []*component
	failed     context.Context // done when a component has ended without being asked to; its cause says which
	fail       context.CancelCauseFunc
	stopped    sync.Once
}

// Start migrates the database, starts the components and returns once all are healthy and the pool of the DAGs exists. The login is
// made when Home has none. A taken port is a *PortInUseError; any other error names the log to look at.
func Start(ctx context.Context, o Options) (*Airflow, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := os.MkdirAll(logFolder(o.Home), 0o755); err != nil {
		return nil, fmt.Errorf("make Airflow's home: %w", err)
	}
	port, err := choosePort(o.Port)
	if err != nil {
		return nil, err
	}
	login, err := keepLogin(o.Home)
	if err != nil {
		return nil, err
	}
	env, err := environment(o, port)
	if err != nil {
		return nil, err
	}
	a := &Airflow{URL: baseURL(port), Client: NewClient(baseURL(port), login)}
	a.failed, a.fail = context.WithCancelCause(context.Background())
	if err := a.start(ctx, o, env); err != nil {
		return nil, errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	return a, nil
}

func (a *Airflow) start(ctx context.Context, o Options, env []string) error {
	if err := migrate(ctx, o, env); err != nil {
		return err
	}
	// Only the first is needed to the end: it has to hear from the tasks that the scheduler stops.
	for _, args := range [][]string{{"api-server"}, {"scheduler", "--skip-serve-logs"}, {"dag-processor"}} {
		c, err := startComponent(o, env, args...)
		if err != nil {
			return err
		}
		a.components = append(a.components, c)
		context.AfterFunc(c.ended, func() { a.fail(c.failure()) })
	}
	return a.watched(ctx, func(ctx context.Context) error {
		if err := a.waitHealthy(ctx); err != nil {
			return err
		}
		return a.createPool(ctx, "warehouse_write", 1)
	})
}

func migrate(ctx context.Context, o Options, env []string) error {
	c, err := startComponent(o, env, "db", "migrate")
	if err != nil {
		return err
	}
	select {
	case <-c.ended.Done():
	case <-ctx.Done():
		c.kill()
		return fmt.Errorf("migrate Airflow's database: %w", ctx.Err())
	}
	if c.exitCode() != 0 {
		return fmt.Errorf("migrate Airflow's database: %w", c.failure())
	}
	return nil
}

// Run triggers the DAG for a day, waits for the run's end and tells each task's change of state on the way. The DAG is waited for and
// unpaused first. A run that fails is a *RunError; the Run is true also then.
func (a *Airflow) Run(ctx context.Context, dagID, day string, progress func(Task)) (run Run, err error) {
	err = a.watched(ctx, func(ctx context.Context) error {
		run, err = a.Client.Run(ctx, dagID, day, progress)
		return err
	})
	return run, err
}

// Clear clears all tasks of a finished run and waits for its new end as Run does.
func (a *Airflow) Clear(ctx context.Context, dagID, runID string, progress func(Task)) error {
	return a.watched(ctx, func(ctx context.Context) error { return a.Client.Clear(ctx, dagID, runID, progress) })
}

// watched does the work, and breaks it off when a component has ended.
func (a *Airflow) watched(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(a.failed, func() { cancel(context.Cause(a.failed)) })()
	err := work(ctx)
	if err != nil && a.failed.Err() != nil {
		return context.Cause(a.failed)
	}
	return err
}

// Done is closed when a component has ended, asked or not.
func (a *Airflow) Done() <-chan struct{} { return a.failed.Done() }

// Stop ends all components and whatever they started: tasks get TERM and a grace first. When the context ends, so does the grace. It
// is an error if the scheduler or the DAG processor had to be killed. A second call only waits for the first.
func (a *Airflow) Stop(ctx context.Context) error {
	var err error
	a.stopped.Do(func() {
		a.fail(errors.New("Airflow was stopped"))
		if len(a.components) == 0 {
			return
		}
		err = stopAll(ctx, a.components[1:], runningTasksTime)
		a.http.CloseIdleConnections()
		_ = stopAll(ctx, a.components[:1], serverTime) // killed or not, it has lost nothing
	})
	return err
}

func choosePort(port int) (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	switch {
	case err != nil && port != 0:
		return 0, &PortInUseError{Port: port}
	case err != nil:
		return 0, fmt.Errorf("find a free port for Airflow: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func baseURL(port int) string { return "http://" + net.JoinHostPort(host, strconv.Itoa(port)) }
