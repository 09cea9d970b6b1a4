// Package demo plays days of traffic through a whole local stack, has each day's run done, and holds the marts against what happened.
package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"backstop/local/clock"
	"backstop/local/stack"
	"backstop/local/traffic"
	"backstop/local/tune"

	_ "github.com/lib/pq" // the driver of the warehouse
	"golang.org/x/sync/errgroup"
)

// Options says what to play and where.
type Options struct {
	Root           string // the checkout
	State          string // folder that the stack keeps; what is in it goes first
	PostgresBin    string
	Zone           *time.Location
	Days           []string // report dates, in order and without a gap
	RequestsPerDay int
	Seed           uint64
	Ports          stack.Ports
	Install        time.Duration // what `make` took before
	Progress       Progress
}

// Progress is told how the demo goes on.
type Progress interface {
	Phase(what string)            // something begins
	Step(what string, n, of int)  // how far it is
	Note(format string, a ...any) // a line that stays
}

// Demo is one play. Its parts are kept apart so that tests can look between them.
type Demo struct {
	Stack  *stack.Stack
	DB     *sql.DB // the warehouse
	Plan   *traffic.Plan
	Player *traffic.Player

	options Options
	days    dayRunner
	seconds Seconds
	started time.Time
}

// dayRunner has the run of a report date done.
type dayRunner interface {
	// Run does the day's run and returns once it has succeeded. It may be called again for the same day.
	Run(ctx context.Context, day string) error
	// Again clears the run of the day that was done last, load and fetch included, and has it done again.
	Again(ctx context.Context) error
	Stop(ctx context.Context) error
}

// speed shortens the queue's timeouts and windows: the three minutes of a visibility timeout pass in less than a second.
const speed = 240

// faults of TUNE: a few postbacks a day get no answer, or an answer after they were recorded, and come again by the queue.
func faults() tune.Faults { return tune.Faults{Unavailable: 0.003, ResetAfter: 0.001} }

// New starts a stack on an empty state, prepares the warehouse and the traffic, and starts what does the days' runs.
func New(ctx context.Context, o Options) (*Demo, error) {
	d := &Demo{options: o, started: time.Now()}
	o.Progress.Phase("starting the stack")
	if err := os.RemoveAll(o.State); err != nil {
		return nil, fmt.Errorf("empty the state's folder: %w", err)
	}
	plan, err := traffic.NewPlan(traffic.Config{Seed: o.Seed, Days: o.Days, Location: o.Zone, RequestsPerDay: o.RequestsPerDay})
	if err != nil {
		return nil, fmt.Errorf("plan the traffic: %w", err)
	}
	d.Plan = plan
	now := clock.At(plan.Opening)
	d.Stack, err = stack.Start(ctx, stack.Options{
		Root: o.Root, State: o.State, PostgresBin: o.PostgresBin, Clock: now, Zone: o.Zone, Seed: o.Seed, Speed: speed, Ports: o.Ports,
		TuneFaults: faults(),
	})
	if err != nil {
		return nil, err
	}
	if err := d.prepare(ctx, now); err != nil {
		return nil, errors.Join(err, d.Stop(context.WithoutCancel(ctx)))
	}
	return d, nil
}

func (d *Demo) prepare(ctx context.Context, now *clock.Clock) error {
	var err error
	if d.DB, err = sql.Open("postgres", d.Stack.Endpoints.Warehouse); err != nil {
		return fmt.Errorf("open the warehouse: %w", err)
	}
	d.Player = traffic.NewPlayer(d.Plan, traffic.Endpoints{
		Front: d.Stack.Endpoints.Front, Tokens: d.Stack.Secrets.Tokens, Tune: d.Stack.Endpoints.Tune, TuneNetworkToken: d.Stack.Secrets.TuneNetworkToken,
	}, traffic.Hooks{Observe: d.observe, Drain: d.Stack.Drain, Twice: d.Stack.Queues.DuplicateNext, Progress: d.played}, now)
	d.options.Progress.Phase("starting Airflow, migrating the warehouse")
	if err := parallel(ctx, d.startAirflow, d.Stack.PrepareWarehouse, d.Player.Prepare); err != nil {
		return err
	}
	return d.fetchEarlierClicks(ctx)
}

// fetchEarlierClicks brings the click log of the days that the first day's fraud rules look back on, as the runbook asks before a first run.
func (d *Demo) fetchEarlierClicks(ctx context.Context) error {
	const lookBack = 8
	first, err := time.Parse(time.DateOnly, d.options.Days[0])
	if err != nil {
		return fmt.Errorf("read the first day: %w", err)
	}
	from, to := first.AddDate(0, 0, -lookBack).Format(time.DateOnly), first.AddDate(0, 0, -1).Format(time.DateOnly)
	return d.Stack.Backstop(ctx, "fetch", "--target", "clicks", "--from", from, "--to", to, "--json")
}

// parallel does the work side by side; the first failure ends the rest.
func parallel(ctx context.Context, work ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, do := range work {
		group.Go(func() error { return do(ctx) })
	}
	return group.Wait()
}

func (d *Demo) startAirflow(ctx context.Context) error {
	a, err := d.Stack.StartAirflow(ctx, false)
	if err != nil {
		return err
	}
	d.days = &daily{airflow: a, progress: d.options.Progress}
	return nil
}

// observe looks at TUNE's offers and goals, as the hourly run does.
func (d *Demo) observe(ctx context.Context) error {
	return d.Stack.Backstop(ctx, "fetch", "--target", "offers", "--target", "goals", "--json")
}

// Play plays the days, each followed by its run, and answers what came of them.
func (d *Demo) Play(ctx context.Context) (Result, Findings, error) {
	d.seconds.Start = time.Since(d.started).Seconds()
	for _, day := range d.options.Days {
		if err := d.PlayDay(ctx, day); err != nil {
			return Result{}, Findings{}, err
		}
		if err := d.RunDay(ctx, day); err != nil {
			return Result{}, Findings{}, err
		}
	}
	changed, err := d.Rerun(ctx)
	if err != nil {
		return Result{}, Findings{}, err
	}
	d.options.Progress.Phase("describing the marts")
	described, err := d.Stack.DescribeMarts(ctx)
	if err != nil {
		return Result{}, Findings{}, err
	}
	result, findings, err := d.Judge(ctx)
	if err != nil {
		return Result{}, Findings{}, err
	}
	result.Docs = described
	result.RerunChanged = changed
	d.seconds.Install = d.options.Install.Seconds()
	d.seconds.Total = time.Since(d.started).Seconds() + d.seconds.Install
	result.Seconds = d.seconds
	return result, findings, nil
}

// PlayDay plays one local day and waits until the archive holds it.
func (d *Demo) PlayDay(ctx context.Context, day string) error {
	began := time.Now()
	defer func() { d.seconds.Traffic += time.Since(began).Seconds() }()
	d.options.Progress.Phase("playing " + day)
	if err := d.Player.PlayDay(ctx, day); err != nil {
		return fmt.Errorf("play %s: %w", day, err)
	}
	return d.Stack.Settle(ctx)
}

// RunDay has the run of a report date done.
func (d *Demo) RunDay(ctx context.Context, day string) error {
	began := time.Now()
	defer func() { d.seconds.Airflow += time.Since(began).Seconds() }()
	d.options.Progress.Phase("running the day's DAG for " + day)
	return d.days.Run(ctx, day)
}

// Rerun clears the last run, load and fetch included, and counts the mart rows that differ afterwards.
func (d *Demo) Rerun(ctx context.Context) (changed int, err error) {
	before, err := TakeSnapshot(ctx, d.DB)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	d.options.Progress.Phase("clearing the last run: nothing may change")
	if err := d.days.Again(ctx); err != nil {
		return 0, err
	}
	d.seconds.Airflow += time.Since(began).Seconds()
	after, err := TakeSnapshot(ctx, d.DB)
	if err != nil {
		return 0, err
	}
	return before.Changed(after), nil
}

// Stop ends everything; the state stays.
func (d *Demo) Stop(ctx context.Context) error {
	var failures []error
	if d.days != nil {
		failures = append(failures, d.days.Stop(ctx))
	}
	if d.Player != nil {
		failures = append(failures, d.Player.Journal().Save(filepath.Join(d.options.State, "journal.json")))
	}
	if d.DB != nil {
		failures = append(failures, d.DB.Close())
	}
	return errors.Join(append(failures, d.Stack.Stop(ctx))...)
}

func (d *Demo) played(day string, sent, of int) { d.options.Progress.Step("playing "+day, sent, of) }
