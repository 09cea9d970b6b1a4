package main

import (
	"context"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path"
	"sync"
	"sync/atomic"
	"testing"

	"backstop/local/redshift"
	"backstop/local/redshift/load"
)

// asProgram makes the test binary the command line itself, so that there is a process to kill.
const asProgram = "BACKSTOP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// heldFiles stop COPY at the first reading of held.gz, until they are released.
type heldFiles struct {
	load.Files
	reached, released chan struct{}
	once              sync.Once
}

func (h *heldFiles) Open(ctx context.Context, bucket, key string) (*load.Object, error) {
	if path.Base(key) == "held.gz" {
		h.once.Do(func() { close(h.reached) })
		select {
		case <-h.released:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return h.Files.Open(ctx, bucket, key)
}

// A loader that is killed in the middle of its COPY leaves the old partition, whole, and nothing that the next load stumbles on.
func TestAKilledLoadLeavesTheOldPartition(t *testing.T) {
	held := &heldFiles{reached: make(chan struct{}), released: make(chan struct{})}
	w := migrated(t, func(o *redshift.Options) { held.Files, o.Files = o.Files, held })
	args := []string{"load", "--date", "2026-11-20", "--hour", "1", "--table", "postbacks", "--json"}
	w.archive("postbacks/dt=2026-11-20/hr=01/a.gz", packed(`{"n":1}`, `{"n":2}`))
	w.run(args...)
	w.archive("postbacks/dt=2026-11-20/hr=01/b.gz", packed(`{"n":3}`))
	w.archive("postbacks/dt=2026-11-20/hr=01/held.gz", packed(`{"n":4}`))

	w.killAt(held.reached, args...)
	const rows = "SELECT COUNT(*) FROM landing.postbacks WHERE dt = '2026-11-20' AND hr = 1"
	if got := w.count(rows); got != 2 {
		t.Errorf("%d rows after the kill", got)
	}
	close(held.released)
	if result := w.run(args...).lastLine(t); result["loaded"] != 1.0 || result["rows"] != 4.0 || w.count(rows) != 4 {
		t.Errorf("the next load: %v, %d rows", result, w.count(rows))
	}
	if entries := w.count("SELECT COUNT(*) FROM landing.loads WHERE table_name = 'postbacks' AND dt = '2026-11-20' AND hr = 1"); entries != 2 {
		t.Errorf("%d ledger entries", entries)
	}
}

// killAt runs the command line as a process and kills it when it has got somewhere.
func (w *world) killAt(reached <-chan struct{}, args ...string) {
	w.t.Helper()
	program := exec.Command(os.Args[0], args...)
	program.Env = append(os.Environ(), asProgram+"=yes")
	for name, value := range w.env {
		program.Env = append(program.Env, name+"="+value)
	}
	if err := program.Start(); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	select {
	case <-reached:
	case err := <-ended:
		w.t.Fatalf("it ended before: %v", err)
	}
	if err := program.Process.Kill(); err != nil {
		w.t.Fatal(err)
	}
	<-ended
}

// holdSecondPut lets the archive keep one object and then keeps its writer waiting.
func (w *world) holdSecondPut() (reached <-chan struct{}) {
	w.t.Helper()
	archive, err := url.Parse(os.Getenv("AWS_ENDPOINT_URL_S3"))
	if err != nil {
		w.t.Fatal(err)
	}
	behind := httputil.NewSingleHostReverseProxy(archive)
	var puts atomic.Int32
	second, released := make(chan struct{}), make(chan struct{})
	front := serve(w.t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && puts.Add(1) == 2 {
			close(second)
			<-released
			return
		}
		behind.ServeHTTP(out, r)
	}))
	w.t.Cleanup(func() { close(released) })
	w.t.Setenv("AWS_ENDPOINT_URL_S3", front.URL)
	return second
}

// A fetch that is killed between two files leaves rows that no line calls complete; the next one stands by itself.
func TestAKilledFetchIsNotTakenForAComplete(t *testing.T) {
	w := migrated(t)
	w.createOffer("Game One")
	w.convert(noon().AddDate(0, 0, -1))
	w.convert(noon())
	args := []string{"fetch", "--target", "conversions", "--from", "2026-11-19", "--to", "2026-11-20", "--json"}
	w.killAt(w.holdSecondPut(), args...)
	load := func() { t.Helper(); w.must("load", "--date", "2026-11-20") }
	load()
	if rows, closed := w.count("SELECT COUNT(*) FROM landing.tune_conversions"), w.count("SELECT COUNT(*) FROM landing.tune_fetches"); rows != 1 || closed != 0 {
		t.Errorf("after the kill: %d rows, %d complete fetches", rows, closed)
	}
	w.must(args...)
	load()
	const covered = "SELECT COUNT(*) FROM landing.tune_conversions c JOIN landing.tune_fetches f ON f.payload.fetch_id::varchar = c.payload.fetch_id::varchar WHERE f.payload.rows::int = 2"
	if rows, all := w.count(covered), w.count("SELECT COUNT(*) FROM landing.tune_conversions"); rows != 2 || all != 3 {
		t.Errorf("the next fetch: %d rows of a complete fetch, %d in all", rows, all)
	}
}
