package main

import (
	"context"
	"slices"
	"time"

	"backstop/loader"
	"backstop/loader/tune"

	"github.com/google/uuid"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// lookBack is how many days before --to a fetch begins by default: so long conversions change their status after the day, and the
// days before it are reconciled again (D−1 … D−8, and a day for the edge).
const lookBack = 9

type fetchFlags struct {
	targets  []string
	from, to string
}

func (p *program) fetchCommand() *cobra.Command {
	var f fetchFlags
	cmd := &cobra.Command{
		Use:   "fetch",
		Short: "Copy TUNE's conversions, offers and goals to the archive",
		Long: "Asks TUNE's API and appends what it says to the archive, from where `backstop load` takes it. Nothing is overwritten; a fetch\n" +
			"that did not end is never taken for a complete one. Dates are days in the network's time zone.",
		Example: "  backstop fetch\n  backstop fetch --target conversions --from 2026-11-11 --to 2026-11-20\n  backstop fetch --target offers,goals --json",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.fetch(cmd.Context(), f) },
	}
	cmd.Flags().StringSliceVar(&f.targets, "target", nil, "conversions, offers or goals (default: all)")
	cmd.Flags().StringVar(&f.from, "from", "", "first date of the conversions, YYYY-MM-DD (default: 9 days before --to)")
	cmd.Flags().StringVar(&f.to, "to", "", "last date of the conversions, YYYY-MM-DD (default: the date at TUNE now)")
	return cmd
}

func (p *program) fetch(ctx context.Context, f fetchFlags) error {
	targets, err := f.chosen()
	if err != nil {
		return err
	}
	fetcher, err := p.newFetcher(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(targets, tune.Conversions) {
		if err := p.window(ctx, fetcher.API, &f); err != nil {
			return err
		}
	}
	fetches := []tune.Fetch{}
	step, done := p.progress(len(targets), "fetching")
	for _, target := range targets {
		fetched, err := fetchOne(ctx, fetcher, target, f)
		if err != nil {
			done()
			return p.showFetches(fetches, err)
		}
		fetches = append(fetches, fetched)
		step()
	}
	done()
	return p.showFetches(fetches, nil)
}

func (f fetchFlags) chosen() ([]tune.Target, error) {
	for flag, text := range map[string]string{"--from": f.from, "--to": f.to} {
		if text == "" {
			continue
		}
		if _, err := parseDate(flag, text); err != nil {
			return nil, err
		}
	}
	if f.from != "" && f.to != "" && f.to < f.from {
		return nil, usage("--to %s lies before --from %s", f.to, f.from)
	}
	var targets []tune.Target
	for _, name := range f.targets {
		if !slices.Contains(tune.Targets(), tune.Target(name)) {
			return nil, usage("--target %q is none of %v", name, tune.Targets())
		}
		targets = append(targets, tune.Target(name))
	}
	if len(targets) == 0 {
		targets = tune.Targets()
	}
	return targets, nil
}

// window completes the dates by TUNE's own clock.
func (p *program) window(ctx context.Context, api *tune.Client, f *fetchFlags) error {
	if f.to == "" {
		zone, err := p.timeZone()
		if err != nil {
			return err
		}
		now, err := api.Now(ctx)
		if err != nil {
			return err
		}
		f.to = now.In(zone).Format(loader.DateLayout)
	}
	if f.from == "" {
		to, err := parseDate("--to", f.to)
		if err != nil {
			return err
		}
		f.from = to.AddDate(0, 0, -lookBack).Format(loader.DateLayout)
	}
	if f.to < f.from {
		return usage("--from %s lies after today's date at TUNE, %s", f.from, f.to)
	}
	return nil
}

func fetchOne(ctx context.Context, fetcher *tune.Fetcher, target tune.Target, f fetchFlags) (tune.Fetch, error) {
	if target == tune.Conversions {
		return fetcher.FetchConversions(ctx, f.from, f.to)
	}
	return fetcher.FetchAll(ctx, target)
}

func (p *program) newFetcher(ctx context.Context) (*tune.Fetcher, error) {
	if err := p.require(envTuneAPI, envArchive, envRegion, envTimeZone); err != nil {
		return nil, err
	}
	archive, err := p.openArchive(ctx)
	if err != nil {
		return nil, err
	}
	token, err := p.networkToken(ctx)
	if err != nil {
		return nil, err
	}
	api, err := tune.NewClient(p.getenv(envTuneAPI), token, nil)
	if err != nil {
		return nil, err
	}
	return &tune.Fetcher{API: api, Archive: archive, NewID: uuid.NewString}, nil
}

func (p *program) showFetches(fetches []tune.Fetch, failed error) error {
	if p.asJSON {
		answer := map[string]any{"verb": "fetch", "fetches": fetches}
		if failed != nil {
			answer["error"], answer["exit_code"] = failed.Error(), exitCode(failed)
		}
		return firstError(failed, p.answer(answer))
	}
	rows := make([]table.Row, 0, len(fetches))
	for _, f := range fetches {
		rows = append(rows, table.Row{f.Target, text(f.WindowFrom), text(f.WindowTo), f.Rows, f.Pages, f.ObservedAt.Format(time.DateTime), f.FetchID})
	}
	if len(rows) > 0 {
		p.table(table.Row{"target", "from", "to", "rows", "pages", "observed (UTC)", "fetch"}, rows)
	}
	return failed
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
