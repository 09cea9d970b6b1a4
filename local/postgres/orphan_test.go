package postgres_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"backstop/local/postgres"
	"backstop/local/postgres/postgrestest"
)

const asParent = "BACKSTOP_TEST_POSTGRES_DATA"

// TestParent is not a test by itself: run by the test below, it starts a server and waits to be killed.
func TestParent(t *testing.T) {
	data := os.Getenv(asParent)
	if data == "" {
		t.Skip("it is the parent process of TestNoOrphanStays")
	}
	s, err := postgres.Start(t.Context(), postgres.Options{Bin: postgrestest.Bin(t), Data: data, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString(s.Address() + "\n")
	<-s.Done()
}

// A program that is killed has no chance to stop its server: the kernel does.
func TestNoOrphanStays(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a child with its parent")
	}
	parent := exec.Command(os.Args[0], "-test.run=^TestParent$")
	parent.Env = append(os.Environ(), asParent+"="+postgrestest.Data(t))
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the parent started no server")
	}
	conn, err := net.Dial("tcp", lines.Text())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	parent.Wait()
	for { // until nobody listens any more; the test's own deadline bounds it
		again, err := net.Dial("tcp", lines.Text())
		if err != nil {
			return
		}
		again.Close()
	}
}
