// Package mmp reads the raw-data reports of MMPs, files that people export there, into the archive, from where the loader takes them like
// everything else: the third side of a reconciliation, beside what was received and what TUNE has.
package mmp

import (
	"maps"
	"slices"
	"strings"

	"backstop/loader"
)

// Layout is how a source writes its reports. All that is known of a source's columns stands here.
type Layout struct {
	Reports  map[string]bool // kind of report → whether its rows are conversions that the source rejected
	Required []string        // columns without which a file is no such report

	TouchedAt, InstalledAt, EventAt string // columns with times of the report's time zone
	EventName, Revenue, Currency    string
	AppID                           string
	ClickURL, ClickParam            string   // the click's URL, and its parameter with TUNE's transaction id
	Reasons, ReasonValues           []string // the first filled one counts; optional columns
}

// Layouts are the sources whose reports can be read.
func Layouts() map[string]Layout { return map[string]Layout{"appsflyer": appsFlyer()} }

// appsFlyer has the columns of AppsFlyer's raw-data export (Pull API v5, and the CSV of its pages: the same names). The reasons are
// optional fields of the export and stand only in the reports of blocked conversions, or where they were asked for.
func appsFlyer() Layout {
	return Layout{
		Reports: map[string]bool{
			"installs_report": false, "in_app_events_report": false,
			"blocked_installs_report": true, "blocked_in_app_events_report": true, // blocked in real time
			"detection": true, "fraud-post-inapps": true, // found after the attribution
		},
		Required: []string{
			"Attributed Touch Time", "Install Time", "Event Time", "Event Name", "Event Revenue", "Event Revenue Currency",
			"Media Source", "Campaign", "Site ID", "AppsFlyer ID", "App ID", "Original URL",
		},
		TouchedAt: "Attributed Touch Time", InstalledAt: "Install Time", EventAt: "Event Time",
		EventName: "Event Name", Revenue: "Event Revenue", Currency: "Event Revenue Currency", AppID: "App ID",
		ClickURL: "Original URL", ClickParam: "clickid",
		Reasons: []string{"Blocked Reason", "Rejected Reason"}, ReasonValues: []string{"Blocked Reason Value", "Rejected Reason Value"},
	}
}

// layout finds the layout of a source that knows the report.
func layout(source, report string) (Layout, error) {
	found, known := Layouts()[source]
	if !known {
		return Layout{}, loader.Fail(loader.Configuration, "reports of %q cannot be read; the sources are %s", source, names(Layouts()))
	}
	if _, known := found.Reports[report]; !known {
		return Layout{}, loader.Fail(loader.Configuration, "%s has no report %q; its reports are %s", source, report, names(found.Reports))
	}
	return found, nil
}

func names[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }
