package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"backstop/local/airflow"
	"backstop/local/clock"
	"backstop/local/stack"
)

// flushEvery is how soon an archived postback shows in S3 on a stack that is up.
const flushEvery = 5 * time.Second

// serveCommand is what `up` leaves running. It can be run by hand to see a stack start.
func (p *program) serveCommand() *cobra.Command {
	var ports stack.Ports
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Run the stack in the foreground until it is interrupted",
		Example: "  backstop-local serve --front-port 8080",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context(), ports) },
	}
	portFlags(cmd, &ports)
	return cmd
}

func (p *program) serve(ctx context.Context, ports stack.Ports) (err error) {
	file := p.place("stack.json")
	if info, err := p.running(); err == nil {
		return fmt.Errorf("a stack is up already (process %d): `make down` stops it", info.PID)
	}
	bin, err := p.postgresBin()
	if err != nil {
		return err
	}
	zone, err := p.zone()
	if err != nil {
		return err
	}
	running, err := stack.Start(ctx, stack.Options{
		Root: p.root, State: p.place("state"), PostgresBin: bin, Clock: clock.Real(), Zone: zone, FlushEvery: flushEvery, Ports: ports,
	})
	if err != nil {
		return err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, os.RemoveAll(file), running.Stop(stopping))
	}()
	if err := running.PrepareWarehouse(ctx); err != nil {
		return err
	}
	ui, err := running.StartAirflow(ctx, false)
	if err != nil {
		return err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, ui.Stop(stopping))
	}()
	for _, dag := range []string{"postbacks_daily", "postbacks_hourly", "billing_close"} { // so that a run can be triggered by hand; none starts by itself
		if err := ui.Unpause(ctx, dag); err != nil {
			return err
		}
	}
	info := running.Info(stack.Login{URL: ui.URL, User: ui.Login.User, Password: ui.Login.Password})
	if err := info.Write(file); err != nil {
		return err
	}
	return wait(ctx, running, ui)
}

// wait returns when the stack is told to end, or when a part of it has ended by itself.
func wait(ctx context.Context, running *stack.Stack, ui *airflow.Airflow) error {
	select {
	case <-ctx.Done():
		return nil
	case <-running.Postgres.Done():
		return errors.New("PostgreSQL has ended: see server.log in its data folder")
	case <-ui.Done():
		return fmt.Errorf("a part of Airflow has ended: see the logs below %s", running.Logs())
	}
}
