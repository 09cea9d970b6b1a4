package traffic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"backstop/local/clock"
)

// Endpoints are the two places that traffic goes to.
type Endpoints struct {
	Front            string            // base URL; requests go to <Front>/p/<source>/<token>
	Tokens           map[string]string // by source
	Tune             string            // base URL of TUNE's tracking domain and API
	TuneNetworkToken string
}

// Hooks let the caller keep up. Each may be nil; an error of any ends the play.
type Hooks struct {
	Observe  func(ctx context.Context) error // fetches offers and goals; once a simulated hour
	Drain    func(ctx context.Context) error // returns once TUNE has seen everything sent so far
	Twice    func()                          // makes the queue deliver the next message twice
	Progress func(day string, sent, of int)  // after each request
}

// Player plays a plan, one step after the other, in simulated time. It is not safe for concurrent use.
type Player struct {
	plan    *Plan
	to      Endpoints
	hooks   Hooks
	clock   *clock.Clock
	network network
	front   *http.Client
	journal *Journal
}

// NewPlayer returns a player that has done nothing yet. It sets the clock before each step.
func NewPlayer(plan *Plan, to Endpoints, hooks Hooks, c *clock.Clock) *Player {
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	client := &http.Client{
		Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Player{
		plan: plan, to: to, hooks: hooks, clock: c, front: client,
		network: network{base: to.Tune, token: to.TuneNetworkToken, http: client},
		journal: &Journal{Clicks: map[int]string{}},
	}
}

// Journal is what happened so far. It grows while a day is played.
func (p *Player) Journal() *Journal { return p.journal }

// Prepare makes the offers and goals, plays the clicks that came before the first day, and leaves the clock at its beginning.
func (p *Player) Prepare(ctx context.Context) error {
	p.clock.Set(p.plan.Opening)
	for _, o := range p.plan.Offers {
		if err := p.open(ctx, o); err != nil {
			return err
		}
	}
	first := p.plan.calendar.start(0)
	if err := p.play(ctx, "", func(at time.Time) bool { return at.Before(first) }); err != nil {
		return err
	}
	p.clock.Set(first)
	return nil
}

// PlayDay plays one local day, and leaves the clock at its end.
func (p *Player) PlayDay(ctx context.Context, day string) error {
	for i, planned := range p.plan.Days {
		if planned != day {
			continue
		}
		from, to := p.plan.calendar.start(i), p.plan.calendar.start(i+1)
		if err := p.play(ctx, day, func(at time.Time) bool { return !at.Before(from) && at.Before(to) }); err != nil {
			return err
		}
		p.clock.Set(to) // TUNE's day is over, and its click log complete
		return nil
	}
	return fmt.Errorf("day %s is not in the plan", day)
}

func (p *Player) play(ctx context.Context, day string, due func(time.Time) bool) error {
	total := p.plan.requestsOn(day)
	sent := 0
	for i := range p.plan.Steps {
		step := &p.plan.Steps[i]
		if !due(step.At) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("play %s: %w", day, err)
		}
		p.clock.Set(step.At)
		if err := p.act(ctx, step); err != nil {
			return fmt.Errorf("play step %d (%s): %w", step.ID, step.Kind, err)
		}
		if step.Request != nil {
			sent++
			if p.hooks.Progress != nil {
				p.hooks.Progress(day, sent, total)
			}
		}
	}
	return nil
}

func (p *Player) act(ctx context.Context, step *Step) error {
	switch {
	case step.Request != nil:
		return p.send(ctx, step)
	case step.Click != nil:
		id, err := p.network.visit(ctx, *step.Click, p.journal.Offers[step.Click.Offer])
		if err == nil && id == "" {
			err = errors.New("TUNE showed a blank page where a click was planned")
		}
		p.journal.Clicks[step.ID] = id
		return err
	case step.Direct != nil:
		d := step.Direct
		return p.network.tell(ctx, p.journal.Clicks[d.Click], p.journal.Offers[d.Offer], p.goal(d.Offer, d.Goal))
	case step.Change != nil:
		return p.change(ctx, step)
	case step.Adjust != nil:
		return p.book(ctx, *step.Adjust)
	case step.Settle != nil:
		return p.settle(ctx, p.journal.Clicks[step.Settle.Click])
	default:
		return p.observe(ctx)
	}
}

func (p *Player) observe(ctx context.Context) error {
	if err := p.drain(ctx); err != nil {
		return err
	}
	if p.hooks.Observe == nil {
		return nil
	}
	if err := p.hooks.Observe(ctx); err != nil {
		return fmt.Errorf("observe TUNE's offers and goals: %w", err)
	}
	return nil
}

func (p *Player) drain(ctx context.Context) error {
	if p.hooks.Drain == nil {
		return nil
	}
	if err := p.hooks.Drain(ctx); err != nil {
		return fmt.Errorf("drain the queues: %w", err)
	}
	return nil
}

func (p *Player) goal(offer, goal int) string {
	if goal < 0 {
		return ""
	}
	return p.journal.Goals[offer][goal]
}

func (p *Plan) requestsOn(day string) int {
	n := 0
	for _, s := range p.Steps {
		if s.Request != nil && p.calendar.date(s.At) == day {
			n++
		}
	}
	return n
}
