package redshift_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"
)

// cutter is a wire between a client and the warehouse that breaks, once, at a statement of one's choice.
type cutter struct {
	listener net.Listener
	target   string

	mu        sync.Mutex
	statement []byte // nil: not armed, or cut already
	after     bool   // let the statement take effect, and lose only the answer
	forGood   bool   // after the cut nobody gets through any more
	cuts      int
	wires     []*wire
}

// newCutter gives a wire to the warehouse and the DSN that leads through it.
func newCutter(t testing.TB, dsn string) (*cutter, string) {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{listener: listener, target: address.Host}
	t.Cleanup(func() { listener.Close() })
	go c.accept()
	address.Host = listener.Addr().String()
	return c, address.String()
}

// arm lets the wire break before the warehouse gets the next statement that holds the text, or after it has carried it out.
func (c *cutter) arm(statement string, after bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statement, c.after = []byte(statement), after
}

// closeAfterCut breaks every connection at the next cut and lets nobody through after it; mend opens the wire again.
func (c *cutter) closeAfterCut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forGood = true
}

func (c *cutter) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forGood = false
}

func (c *cutter) closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forGood && c.statement == nil
}

func (c *cutter) made() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cuts
}

// reached tells whether the chunk holds the statement, and disarms.
func (c *cutter) reached(on *wire, chunk []byte) (cut, after bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.statement == nil || !bytes.Contains(chunk, c.statement) {
		return false, false
	}
	c.statement = nil
	c.cuts++
	if c.forGood {
		for _, other := range c.wires {
			if other != on {
				other.end()
			}
		}
	}
	return true, c.after
}

func (c *cutter) accept() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", c.target)
		if err != nil || c.closed() {
			client.Close()
			continue
		}
		w := &wire{client: client.(*net.TCPConn), server: server.(*net.TCPConn)}
		c.mu.Lock()
		c.wires = append(c.wires, w)
		c.mu.Unlock()
		go w.upstream(c)
		go w.downstream()
	}
}

type wire struct {
	client, server *net.TCPConn

	mu      sync.Mutex
	swallow bool
}

func (w *wire) upstream(c *cutter) {
	defer w.end()
	chunk := make([]byte, 64<<10)
	for {
		n, err := w.client.Read(chunk)
		if err != nil {
			return
		}
		cut, after := c.reached(w, chunk[:n])
		if cut && !after {
			return
		}
		if cut {
			w.mu.Lock()
			w.swallow = true
			w.mu.Unlock()
		}
		if _, err := w.server.Write(chunk[:n]); err != nil {
			return
		}
	}
}

func (w *wire) downstream() {
	defer w.end()
	chunk := make([]byte, 64<<10)
	for {
		n, err := w.server.Read(chunk)
		if err != nil {
			return
		}
		w.mu.Lock()
		swallow := w.swallow
		w.mu.Unlock()
		if swallow {
			return
		}
		if _, err := w.client.Write(chunk[:n]); err != nil {
			return
		}
	}
}

// end resets both sides, as a lost connection does.
func (w *wire) end() {
	w.client.SetLinger(0)
	w.client.Close()
	w.server.Close()
}
