package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"backstop/local/demo"
	"backstop/local/stack"
)

// demoFlags are what can be chosen of a demo.
type demoFlags struct {
	days, requests, install int
	seed                    uint64
	ports                   stack.Ports
}

func (p *program) demoCommand() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play the days before today through every component and hold the marts against the truth",
		Example: "  backstop-local demo\n" +
			"  backstop-local demo --days 1 --requests 500 --seed 11",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.IntVar(&f.days, "days", 3, "how many days before today to play")
	flags.IntVar(&f.requests, "requests", 2000, "postbacks a day, at least")
	flags.Uint64Var(&f.seed, "seed", 7, "the same seed plays the same traffic")
	flags.IntVar(&f.install, "install-seconds", 0, "what the installation before took, for the account of the phases")
	portFlags(cmd, &f.ports)
	return cmd
}

func (p *program) demo(ctx context.Context, f demoFlags) error {
	if f.days < 1 || f.requests < 1 {
		return usageError{errors.New("--days and --requests begin at 1")}
	}
	if _, err := p.running(); err == nil {
		return errors.New("a stack is up, and the demo would replace its state: `make down` first")
	}
	bin, err := p.postgresBin()
	if err != nil {
		return err
	}
	zone, err := p.zone()
	if err != nil {
		return err
	}
	d, err := demo.New(ctx, demo.Options{
		Root: p.root, State: p.place("state"), PostgresBin: bin, Zone: zone, Days: daysBefore(time.Now().In(zone), f.days),
		RequestsPerDay: f.requests, Seed: f.seed, Ports: f.ports, Install: time.Duration(f.install) * time.Second, Progress: newProgress(p.stderr),
	})
	if err != nil {
		return err
	}
	result, findings, err := d.Play(ctx)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := errors.Join(err, d.Stop(stopping)); err != nil {
		return err
	}
	demo.Report(p.stdout, result, findings)
	return p.conclude(result, findings)
}

// conclude writes the result and says where to look next.
func (p *program) conclude(result demo.Result, findings demo.Findings) error {
	file := p.place("demo.json")
	if err := result.Write(file); err != nil {
		return err
	}
	s := result.Seconds
	fmt.Fprintf(p.stdout, "\nbalanced %t · %d values differ from the truth · %d mart rows changed by the re-run · %d leaks in the logs\n",
		result.Balanced, result.TruthMismatches, result.RerunChanged, len(findings.Leaks))
	fmt.Fprintf(p.stdout, "seconds: install %.0f · start %.0f · traffic %.0f · airflow %.0f · total %.0f\n", s.Install, s.Start, s.Traffic, s.Airflow, s.Total)
	if !result.Passed() || len(findings.Leaks) > 0 {
		return errDemo
	}
	fmt.Fprint(p.stdout, strings.NewReplacer("<day>", result.Days[len(result.Days)-1].Date, "<docs>", result.Docs).Replace(whereToLook))
	return nil
}

const whereToLook = `
Look further: first  make up  (it opens this state and prints the addresses), then
  the marts          psql "$(.local/bin/backstop-local show warehouse_dsn)" -c "select class, count(*) from marts.fct_tune_reconciliation group by 1"
  what is loaded     .local/bin/backstop-local exec backstop status --from <day> --to <day>
  every column       <docs>
  Airflow            the address and login that make up prints
  redo a day         make reprocess DAY=<day>
  this result        .local/demo.json
`

// daysBefore lists the n civil dates before today's.
func daysBefore(now time.Time, n int) []string {
	var days []string
	for back := n; back >= 1; back-- {
		days = append(days, time.Date(now.Year(), now.Month(), now.Day()-back, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	return days
}

// alive reports whether a process exists.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	return pid > 0 && err == nil && process.Signal(signalNothing) == nil
}
