// Command backstop operates the warehouse side of Backstop: it loads the archive into Redshift, fetches TUNE's rows, and says what
// is loaded and what is missing. Each verb has a file of its own; `backstop -h` lists them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}
