// Command bootstrap is a function that does what its event says, for the tests of the Lambda host.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct{ Do, Text string }

// locked keeps a locked file open.
var locked *os.File

func main() {
	if os.Getenv("REFUSE_TO_START") != "" {
		fmt.Fprint(os.Stderr, "no newline at the end")
		os.Exit(3)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, e event) (any, error) {
	switch e.Do {
	case "fail":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(7)
	case "sleep":
		fmt.Println("asleep")
		<-ctx.Done() // the deadline of the runtime
		time.Sleep(time.Hour)
	case "wait":
		fmt.Println("waiting")
		for {
			if _, err := os.Stat(e.Text); err == nil {
				return "waited", nil
			}
			time.Sleep(time.Millisecond)
		}
	case "lock":
		file, err := os.Create(e.Text)
		if err != nil {
			return nil, err
		}
		locked = file
		return nil, syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	case "big":
		return strings.Repeat("x", 6<<20), nil
	case "say":
		fmt.Println(e.Text)
	case "about":
		deadline, _ := ctx.Deadline()
		context, _ := lambdacontext.FromContext(ctx)
		folder, err := os.Getwd()
		return map[string]any{"environment": os.Environ(), "folder": folder, "arn": context.InvokedFunctionArn,
			"left": time.Until(deadline).Seconds()}, err
	}
	return map[string]any{"text": e.Text, "process": os.Getpid()}, nil
}
