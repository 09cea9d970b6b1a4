package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"backstop/loader/mmp"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

type reportFlags struct {
	source, file, report, zone string
	from, to, clickIDColumn    string
}

func (p *program) reportCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "mmp-report",
		Short: "Copy an MMP's own raw-data report, a CSV file, to the archive",
		Long: "Reads a report that was exported at the MMP and appends it to the archive, as a whole or not at all. The same file again changes\n" +
			"nothing. Of two reports that cover the same day of an app, the one that was read last counts.",
		Example: "  backstop fetch mmp-report --source appsflyer --file installs.csv\n" +
			"  backstop fetch mmp-report --source appsflyer --report blocked_installs_report --file blocked.csv --from 2026-11-01 --to 2026-11-19",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.fetchReport(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.source, "source", "", "the MMP: "+strings.Join(slices.Sorted(maps.Keys(mmp.Layouts())), ", "))
	flags.StringVar(&f.file, "file", "", "the CSV file")
	flags.StringVar(&f.report, "report", "installs_report", "the kind of report, by the MMP's name")
	flags.StringVar(&f.zone, "time-zone", "UTC", "the time zone of the report's times")
	flags.StringVar(&f.from, "from", "", "first date that the report covers, YYYY-MM-DD, in its time zone (default: of its rows)")
	flags.StringVar(&f.to, "to", "", "last date that the report covers (default: of its rows)")
	flags.StringVar(&f.clickIDColumn, "click-id-column", "", "the column with TUNE's transaction id (default: it is read out of the click's URL)")
	return cmd
}

func (p *program) fetchReport(ctx context.Context, f reportFlags) error {
	file, err := f.chosen()
	if err != nil {
		return err
	}
	if err := p.require(envArchive, envRegion); err != nil {
		return err
	}
	archive, err := p.openArchive(ctx)
	if err != nil {
		return err
	}
	report, err := mmp.Fetch(ctx, archive, file, p.now())
	if err != nil {
		return err
	}
	return p.showReport(report)
}

func (f reportFlags) chosen() (mmp.File, error) {
	switch {
	case f.source == "":
		return mmp.File{}, usage("say which MMP the report is from: --source")
	case f.file == "":
		return mmp.File{}, usage("say which file holds the report: --file")
	case (f.from == "") != (f.to == ""):
		return mmp.File{}, usage("--from and --to belong together")
	case f.to < f.from:
		return mmp.File{}, usage("--to %s lies before --from %s", f.to, f.from)
	}
	if err := checkDates(f.from, f.to); err != nil {
		return mmp.File{}, err
	}
	zone, err := time.LoadLocation(f.zone)
	if err != nil || f.zone == "" {
		return mmp.File{}, usage("--time-zone %q is not a time zone; write one like UTC or America/New_York", f.zone)
	}
	return mmp.File{
		Path: f.file, Source: f.source, Report: f.report, TimeZone: zone, From: f.from, To: f.to, ClickIDColumn: f.clickIDColumn,
	}, nil
}

func (p *program) showReport(report mmp.Report) error {
	if p.asJSON {
		return p.answer(map[string]any{"verb": "fetch mmp-report", "report": report})
	}
	if report.Known {
		p.say("the archive has this report already: nothing was done")
	}
	p.table(table.Row{"source", "report", "from", "to", "time zone", "rows", "report id"},
		[]table.Row{{report.Source, report.Report, report.WindowFrom, report.WindowTo, report.TimeZone, report.Rows, report.ReportID[:12]}})
	return nil
}
