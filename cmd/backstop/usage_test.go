package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// noon is the time of these tests: 12:30 UTC on a day of which half is over.
func noon() time.Time { return time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC) }

type outcome struct {
	code           int
	stdout, stderr string
}

// invoke runs the program as main does, at noon.
func invoke(env map[string]string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	p := &program{getenv: func(name string) string { return env[name] }, now: noon, stdout: &stdout, stderr: &stderr}
	code := p.run(context.Background(), args, strings.NewReader(""))
	return outcome{code, stdout.String(), stderr.String()}
}

// lastLine decodes the last line of stdout, where --json puts the result.
func (o outcome) lastLine(t *testing.T) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	var result map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &result); err != nil {
		t.Fatalf("the last line of stdout is no JSON object: %v\nstdout: %s\nstderr: %s", err, o.stdout, o.stderr)
	}
	return result
}

func TestMistakesInTheCommandLineNameTheFlag(t *testing.T) {
	for args, words := range map[string]string{
		"load":                                               "--date",
		"load --date 20.11.2026":                             `--date "20.11.2026"`,
		"load --date 2026-02-30":                             `--date "2026-02-30"`,
		"load --from 2026-11-x":                              `--from "2026-11-x"`,
		"load --from 2026-11-19 --to":                        "--to",
		"load --from 2026-11-19 --to tomorrow":               `--to "tomorrow"`,
		"load --from 2026-11-19 --to 2026-11-18":             "--to 2026-11-18 lies before --from",
		"load --date 2026-11-19 --from 2026-11-19":           "leave out --from",
		"load --date 2026-11-21":                             "2026-11-21 lies in the future",
		"load --date 2026-11-19 --hour 24":                   "no hour 24",
		"load --date 2026-11-19 --table clicks":              `no table "clicks"`,
		"load --date 2026-11-19 --verify never":              `--verify "never"`,
		"load --date 2026-11-19 --max-errors -1":             "--max-errors -1",
		"load --date 2026-11-19 --max-errors 100000":         "--max-errors 100000",
		"load --nothing":                                     "--nothing",
		"load yesterday":                                     `"yesterday"`,
		"plan --date x":                                      "--date",
		"status --from x":                                    "--from",
		"fetch --from 1.1.":                                  "--from",
		"fetch --target visits":                              `--target "visits"`,
		"fetch --target offers --from 2026-11-19 --to today": "--to",
		"fetch --from 2026-11-19 --to 2026-11-18":            "--to 2026-11-18 lies before --from",
		"fetch mmp-report --file x.csv":                      "--source",
		"fetch mmp-report --source appsflyer":                "--file",
		"fetch mmp-report --source appsflyer --file x.csv --from 2026-11-19":                 "--from and --to",
		"fetch mmp-report --source appsflyer --file x.csv --from 2026-11-19 --to 2026-11-18": "--to 2026-11-18 lies before",
		"fetch mmp-report --source appsflyer --file x.csv --from 2026-11-19 --to 2026-11-31": "--to",
		"fetch mmp-report --source appsflyer --file x.csv --time-zone Mars/Olympus":          `--time-zone "Mars/Olympus"`,
		"purge --table postbacks":                     "--before",
		"purge --before 2026-01-01":                   "--table",
		"purge --table clicks --before 2026-01-01":    `no table "clicks"`,
		"purge --table postbacks --before 1.1.2026":   `--before "1.1.2026"`,
		"purge --table postbacks --before 2026-11-21": "2026-11-21 lies in the future",
		"migrate down": `"down"`,
		"unload":       `no verb "unload"`,
	} {
		got := invoke(nil, strings.Fields(args)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, words) {
			t.Errorf("%s: exit %d, %s", args, got.code, got.stderr)
		}
	}
}

func TestMissingEnvironmentIsNamedAllAtOnce(t *testing.T) {
	for args, names := range map[string]string{
		"load --date 2026-11-19": "BACKSTOP_WAREHOUSE_DSN, BACKSTOP_ARCHIVE, BACKSTOP_COPY_ROLE, AWS_REGION",
		"plan --date 2026-11-19": "BACKSTOP_WAREHOUSE_DSN, BACKSTOP_ARCHIVE, AWS_REGION",
		"status":                 "BACKSTOP_WAREHOUSE_DSN, BACKSTOP_ARCHIVE, AWS_REGION",
		"migrate":                "BACKSTOP_WAREHOUSE_DSN",
		"fetch":                  "BACKSTOP_TUNE_API, BACKSTOP_ARCHIVE, AWS_REGION, BACKSTOP_TIME_ZONE",
	} {
		got := invoke(nil, append(strings.Fields(args), "--json")...)
		if got.code != exitConfiguration || !strings.Contains(got.stderr, names) {
			t.Errorf("%s: exit %d, %s", args, got.code, got.stderr)
		}
		if result := got.lastLine(t); result["exit_code"] != 20.0 || !strings.Contains(result["error"].(string), names) {
			t.Errorf("%s: %v", args, result)
		}
	}
}

func TestAnAddressIsCheckedAndItsPasswordNotShown(t *testing.T) {
	for dsn, code := range map[string]int{
		"postgres://user:s3cret@127.0.0.1:1/db":                 exitConfiguration, // no sslmode
		"postgres://user:s3cret@127.0.0.1:1/db?sslmode=never":   exitConfiguration,
		"postgres://user:s3cret@127.0.0.1:%zz/db":               exitConfiguration,
		"postgres://user:s3cret@127.0.0.1:1/db?sslmode=disable": exitTransient, // nobody listens
	} {
		got := invoke(map[string]string{"BACKSTOP_WAREHOUSE_DSN": dsn}, "migrate")
		if got.code != code || strings.Contains(got.stderr, "s3cret") {
			t.Errorf("%s: exit %d, %s", dsn, got.code, got.stderr)
		}
	}
}

func TestEveryVerbShowsAnExample(t *testing.T) {
	p := &program{}
	for _, verb := range p.root().Commands() {
		if verb.HasSubCommands() && verb.Example == "" {
			continue // its subcommands have the examples
		}
		if !strings.Contains(verb.Example, "backstop "+verb.Name()) {
			t.Errorf("%s has no example", verb.Name())
		}
		if got := invoke(nil, verb.Name(), "-h"); got.code != exitDone || !strings.Contains(got.stdout, verb.Example) {
			t.Errorf("%s -h: exit %d, %s", verb.Name(), got.code, got.stdout)
		}
	}
}

func TestOnlyHoursThatHaveBegunAreChosen(t *testing.T) {
	for _, c := range []struct {
		flags    rangeFlags
		from, to string
	}{
		{rangeFlags{date: "2026-11-20", hour: -1}, "2026-11-20 00:00:00", "2026-11-20 12:00:00"},
		{rangeFlags{date: "2026-11-19", hour: -1}, "2026-11-19 00:00:00", "2026-11-19 23:00:00"},
		{rangeFlags{from: "2026-11-18", hour: -1}, "2026-11-18 00:00:00", "2026-11-20 12:00:00"},
		{rangeFlags{from: "2026-11-18", to: "2026-11-30", hour: -1}, "2026-11-18 00:00:00", "2026-11-20 12:00:00"},
	} {
		r, err := c.flags.chosen(noon())
		if err != nil || r.From.Format(time.DateTime) != c.from || r.To.Format(time.DateTime) != c.to {
			t.Errorf("%+v: %v to %v, err %v", c.flags, r.From, r.To, err)
		}
	}
}
