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
		Short: "Copy TUNE's conversions, offers, goals and clicks, or an MMP's report, to the archive",
		Long: "Asks TUNE's API and appends what it says to the archive, from where `backstop load` takes it. Nothing is overwritten; a fetch\n" +
			"that did not end is never taken for a complete one. Dates are days in the network's time zone.\n\n" +
			"Clicks are TUNE's raw log, large and final once a day is over: they are fetched only when they are named, each day by itself.",
		Example: "  backstop fetch\n  backstop fetch --target conversions --from 2026-11-11 --to 2026-11-20\n  backstop fetch --target offers,goals --json\n" +
			"  backstop fetch --target clicks --from 2026-11-18 --to 2026-11-19",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.fetch(cmd.Context(), f) },
	}
	cmd.Flags().StringSliceVar(&f.targets, "target", nil, "conversions, offers, goals or clicks (default: all but clicks)")
	cmd.Flags().StringVar(&f.from, "from", "", "first date of conversions or clicks, YYYY-MM-DD (default: 9 days before --to; of clicks, --to)")
	cmd.Flags().StringVar(&f.to, "to", "", "last date of conversions or clicks, YYYY-MM-DD (default: the date at TUNE now; of clicks, the day before)")
	cmd.AddCommand(p.reportCommand())
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
	fetches := []tune.Fetch{}
	step, done := p.progress(len(targets), "fetching")
	for _, target := range targets {
		fetched, err := p.fetchTarget(ctx, fetcher, target, f)
		fetches = append(fetches, fetched...)
		if err != nil {
			done()
			return p.showFetches(fetches, err)
		}
		step()
	}
	done()
	return p.showFetches(fetches, nil)
}

// fetchTarget gives the fetches that ended, also beside an error.
func (p *program) fetchTarget(ctx context.Context, fetcher *tune.Fetcher, target tune.Target, f fetchFlags) ([]tune.Fetch, error) {
	var fetched tune.Fetch
	var err error
	switch target {
	case tune.Clicks:
		return p.fetchClicks(ctx, fetcher, f)
	case tune.Conversions:
		if f.from, f.to, err = p.window(ctx, fetcher.API, f); err == nil {
			fetched, err = fetcher.FetchConversions(ctx, f.from, f.to)
		}
	default:
		fetched, err = fetcher.FetchAll(ctx, target)
	}
	if err != nil {
		return nil, err
	}
	return []tune.Fetch{fetched}, nil
}

func (f fetchFlags) chosen() ([]tune.Target, error) {
	if err := checkDates(f.from, f.to); err != nil {
		return nil, err
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
		targets = slices.DeleteFunc(tune.Targets(), func(t tune.Target) bool { return t == tune.Clicks })
	}
	return targets, nil
}

// window completes the dates by TUNE's own clock.
func (p *program) window(ctx context.Context, api *tune.Client, f fetchFlags) (from, to string, err error) {
	to = f.to
	if to == "" {
		today, _, err := p.todayAtTUNE(ctx, api)
		if err != nil {
			return "", "", err
		}
		to = today.Format(loader.DateLayout)
	}
	if from = f.from; from == "" {
		last, err := parseDate("--to", to)
		if err != nil {
			return "", "", err
		}
		from = last.AddDate(0, 0, -lookBack).Format(loader.DateLayout)
	}
	if to < from {
		return "", "", usage("--from %s lies after today's date at TUNE, %s", from, to)
	}
	return from, to, nil
}

// todayAtTUNE is the date in the network's zone by TUNE's clock, and that zone.
func (p *program) todayAtTUNE(ctx context.Context, api *tune.Client) (today time.Time, zone *time.Location, err error) {
	if zone, err = p.timeZone(); err != nil {
		return today, nil, err
	}
	now, err := api.Now(ctx)
	return now.In(zone), zone, err
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
