package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"backstop/local/s3"
)

// The measures of whole programs, `backstop` and `backstop-local redshift` as `make build` made them: how long they take and how much
// memory each takes at most, by the kernel's account. The archive is served by the test itself, so that it does not count.

const (
	programs   = "../../.local/bin/"
	dayOfBench = "2026-11-19"
)

// BenchmarkLoad loads a day of one table, in eight files. Memory must not grow with the rows.
func BenchmarkLoad(b *testing.B) {
	for _, rows := range []int{400_000, 4_000_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			w := startWorld(b)
			w.putRows(rows)
			for b.Loop() {
				answer := w.backstop("load", "--date", dayOfBench, "--hour", "14", "--table", "postbacks", "--force")
				if loaded := answer.result["rows"]; loaded != float64(rows) {
					b.Fatalf("%v rows of %d", loaded, rows)
				}
				b.ReportMetric(float64(rows)/answer.took.Seconds(), "rows/s")
				b.ReportMetric(answer.peak, "loader-MB")
				b.ReportMetric(peakMemory(w.standIn.Process.Pid), "stand-in-MB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkPlan plans a day of 100,000 files.
func BenchmarkPlan(b *testing.B) {
	const files = 100_000
	w := startWorld(b)
	for n := range files {
		w.put(fmt.Sprintf("postbacks/dt=%s/hr=%02d/backstop-postbacks-1-2026-11-19-14-00-00-%06d.gz", dayOfBench, n%24, n), []byte("x"))
	}
	for b.Loop() {
		answer := w.backstop("plan", "--date", dayOfBench, "--table", "postbacks")
		var planned float64
		for _, due := range answer.result["due"].([]any) {
			planned += due.(map[string]any)["files"].(float64)
		}
		if planned != files {
			b.Fatalf("%v files of %d", planned, files)
		}
		b.ReportMetric(answer.took.Seconds(), "s")
		b.ReportMetric(answer.peak, "loader-MB")
	}
	b.ReportMetric(0, "ns/op")
}

// world is a stand-in that runs as a program of its own, and an archive.
type world struct {
	b       *testing.B
	store   *s3.Store
	standIn *exec.Cmd
	env     []string
}

func startWorld(b *testing.B) *world {
	b.Helper()
	store, err := s3.Open("", "backstop-archive")
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(store)
	b.Cleanup(server.Close)
	w := &world{b: b, store: store, env: append(os.Environ(), "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench",
		"AWS_ENDPOINT_URL_S3="+server.URL, "BACKSTOP_ARCHIVE=s3://backstop-archive", "BACKSTOP_COPY_ROLE=arn:aws:iam::000000000000:role/copy")}
	w.env = append(w.env, "BACKSTOP_WAREHOUSE_DSN="+w.startRedshift(server.URL))
	return w
}

// startRedshift gives the stand-in's URL. The stand-in ends with the pipe that is its stdin.
func (w *world) startRedshift(s3 string) string {
	w.b.Helper()
	w.standIn = exec.Command(programs+"backstop-local", "redshift", "--migrate", "--s3", s3)
	w.standIn.Env, w.standIn.Stderr = w.env, os.Stderr
	stdin, err := w.standIn.StdinPipe()
	if err != nil {
		w.b.Fatal(err)
	}
	stdout, err := w.standIn.StdoutPipe()
	if err != nil {
		w.b.Fatal(err)
	}
	if err := w.standIn.Start(); err != nil {
		w.b.Fatalf("start the stand-in (does `make build` come before?): %v", err)
	}
	w.b.Cleanup(func() {
		stdin.Close()
		if err := w.standIn.Wait(); err != nil {
			w.b.Errorf("the stand-in ended: %v", err)
		}
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		w.b.Fatalf("the stand-in prints no URL: %v", err)
	}
	return strings.TrimSpace(url)
}

func (w *world) put(key string, body []byte) {
	w.b.Helper()
	if err := w.store.Put(w.b.Context(), "backstop-archive", key, body, nil); err != nil {
		w.b.Fatal(err)
	}
}

// putRows writes documents of 560 bytes with their newline, in eight files.
func (w *world) putRows(rows int) {
	w.b.Helper()
	const files = 8
	for file := range files {
		var body bytes.Buffer
		packed, err := gzip.NewWriterLevel(&body, gzip.BestSpeed)
		if err != nil {
			w.b.Fatal(err)
		}
		for n := file; n < rows; n += files {
			head := fmt.Sprintf(`{"v":1,"postback_id":"%012d","source":"appsflyer","params":{"clickid":"%032x","pad":"`, n, n*2654435761)
			if _, err := io.WriteString(packed, head+strings.Repeat("p", 560-len(head)-4)+"\"}}\n"); err != nil {
				w.b.Fatal(err)
			}
		}
		if err := packed.Close(); err != nil {
			w.b.Fatal(err)
		}
		w.put(fmt.Sprintf("postbacks/dt=%s/hr=14/%d.gz", dayOfBench, file), body.Bytes())
	}
}

// answer is what a program said and what it took.
type answer struct {
	result map[string]any
	took   time.Duration
	peak   float64 // MB
}

// backstop runs the command line with --json to its end.
func (w *world) backstop(args ...string) answer {
	w.b.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.Command(programs+"backstop", append(args, "--json")...)
	command.Env, command.Stdout, command.Stderr = w.env, &stdout, &stderr
	start := time.Now()
	if err := command.Start(); err != nil {
		w.b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	a := answer{}
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		select {
		case <-tick.C:
			a.peak = max(a.peak, peakMemory(command.Process.Pid))
		case err := <-ended:
			tick.Stop()
			a.took = time.Since(start)
			if err != nil {
				w.b.Fatalf("%v: %v\n%s", args, err, stderr.String())
			}
			if err := json.Unmarshal(stdout.Bytes(), &a.result); err != nil {
				w.b.Fatalf("%v: %v", args, err)
			}
			return a
		}
	}
}

// peakMemory is the most physical memory that a process had so far, in MB; 0 for one that has ended, and where there is no /proc.
func peakMemory(pid int) float64 {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	kilobytes, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		return 0
	}
	return kilobytes * 1024 / 1e6
}
