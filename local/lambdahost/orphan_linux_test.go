package lambdahost_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"backstop/local/lambdahost"
)

// The host of the test below: it lets a function lock the file named in its environment, and waits to be killed.
func TestHostThatIsKilled(t *testing.T) {
	file := os.Getenv("LOCKED_BY_A_FUNCTION")
	if file == "" {
		t.Skip("runs only as the child of TestNoOrphanOutlivesAKilledHost")
	}
	host := lambdahost.New(lambdahost.Function{Name: "forward", Bootstrap: bootstrap, Root: t.TempDir(), Timeout: time.Hour})
	if _, err := host.Invoke(t.Context(), event("lock", file)); err != nil {
		t.Fatal(err)
	}
	fmt.Println("locked")
	<-context.Background().Done()
}

func TestNoOrphanOutlivesAKilledHost(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lock")
	command := exec.Command(os.Args[0], "-test.run=^TestHostThatIsKilled$")
	command.Env = append(os.Environ(), "LOCKED_BY_A_FUNCTION="+file)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "locked") {
	}
	lock, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatalf("the function did not lock its file: %v", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		t.Fatal("the function does not hold its lock; the test shows nothing")
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()                                                     // says that it was killed
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil { // waits until the function is gone
		t.Errorf("lock: %v", err)
	}
}
