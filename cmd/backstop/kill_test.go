package main

import (
	"context"
	"os"
	"os/exec"
	"path"
	"sync"
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

	program := exec.Command(os.Args[0], args...)
	program.Env = append(os.Environ(), asProgram+"=yes")
	for name, value := range w.env {
		program.Env = append(program.Env, name+"="+value)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	select {
	case <-held.reached:
	case err := <-ended:
		t.Fatalf("the load ended before its COPY: %v", err)
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
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
