package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// PortInUseError says that a port that was asked for is taken.
type PortInUseError struct {
	What string
	Port int
}

func (e *PortInUseError) Error() string {
	return fmt.Sprintf("port %d for %s is in use: end the program that holds it, or choose another port (0 takes a free one)", e.Port, e.What)
}

// listen opens 127.0.0.1 at a port, 0 for a free one.
func listen(what string, port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &PortInUseError{What: what, Port: port}
	}
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", what, err)
	}
	return listener, nil
}

// serve answers HTTP on 127.0.0.1 until the stack stops and returns the base URL.
func (s *Stack) serve(what string, port int, handler http.Handler) (string, error) {
	listener, err := listen(what, port)
	if err != nil {
		return "", err
	}
	return s.serveOn(what, listener, handler), nil
}

func (s *Stack) serveOn(what string, listener net.Listener, handler http.Handler) string {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("a server of the stack ended", "server", what, "error", err.Error())
		}
	}()
	s.atStop(what, func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		if err != nil { // a caller holds its connection: the stack must end all the same
			err = server.Close()
		}
		<-done
		return err
	})
	return "http://" + listener.Addr().String()
}
