package scaling

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// cutter is a TCP proxy that breaks connections like a network.
type cutter struct {
	addr     string
	refusing atomic.Bool // new connections end before their first byte
	cuts     atomic.Int32

	mu    sync.Mutex
	conns map[net.Conn]struct{} // of clients
}

// startCutter starts a cutter in front of a backend. It ends with the test.
func startCutter(t *testing.T, backend string) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{addr: listener.Addr().String(), conns: make(map[net.Conn]struct{})}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { c.pass(conn, backend) })
		}
	})
	t.Cleanup(func() {
		listener.Close() //nolint:errcheck // nothing to lose
		c.cut(-1, false)
		running.Wait()
	})
	return c
}

// pass passes data between client and backend, until one of them ends.
func (c *cutter) pass(client net.Conn, backend string) {
	defer client.Close() //nolint:errcheck // nothing to lose
	if c.refusing.Load() {
		return
	}
	server, err := net.Dial("tcp", backend)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // nothing to lose
	c.mu.Lock()
	c.conns[client] = struct{}{}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.conns, client)
		c.mu.Unlock()
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		io.Copy(server, client) //nolint:errcheck // it ends
		server.Close()          //nolint:errcheck // nothing to lose
	}()
	io.Copy(client, server) //nolint:errcheck // it ends
	client.Close()          //nolint:errcheck // nothing to lose
	<-ended
}

// cut cuts n connections, or all if n is -1: after what is still on its way, or by a
// reset.
func (c *cutter) cut(n int, reset bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns { // in no order
		if n == 0 {
			return
		}
		n--
		c.cuts.Add(1)
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			tcp.SetLinger(0) //nolint:errcheck // if it fails, there is no reset
		}
		conn.Close() //nolint:errcheck // nothing to lose
	}
}
