package drain

import (
	"net"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"
)

// watching are credentials that see when GOAWAY is written on a connection.
// GracefulStop does not report this. A client that is told to open its stream again
// before it knows that the server ends would come back to the same server
// (https://github.com/grpc/grpc-go/issues/6830). With TLS, nothing of this could be
// seen below the credentials.
type watching struct {
	credentials.TransportCredentials
	conns *conns
}

func (w watching) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	c := &conn{raw: raw, conns: w.conns, goneAway: make(chan struct{})}
	w.conns.add(c)
	secure, info, err := w.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		w.conns.remove(c)
		return secure, info, err
	}
	c.Conn = secure
	return c, info, nil
}

// Clone returns a copy.
func (w watching) Clone() credentials.TransportCredentials {
	return watching{w.TransportCredentials.Clone(), w.conns}
}

// conns are the connections of a server. The zero value is empty and ready for
// use.
type conns struct {
	mu   sync.Mutex
	open map[*conn]struct{}
}

func (cs *conns) add(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.open == nil {
		cs.open = make(map[*conn]struct{})
	}
	cs.open[c] = struct{}{}
}

// remove removes a connection that is closed.
func (cs *conns) remove(c *conn) {
	c.tell()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.open, c)
}

func (cs *conns) all() []*conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	all := make([]*conn, 0, len(cs.open))
	for c := range cs.open {
		all = append(all, c)
	}
	return all
}

// awaitGoAway returns when GOAWAY has been written on all connections, or graceful is
// closed. It does not wait for a connection whose client does not read: no call comes
// from there. GracefulStop waits for handshakes before it says anything, so these are
// given up after a while.
func (cs *conns) awaitGoAway(graceful <-chan struct{}) {
	for range 2 {
		if cs.haveGoneAway(graceful) {
			return
		}
		cs.giveUpHandshakes()
	}
}

// haveGoneAway reports whether, within goAwayWithin, all connections have had their
// GOAWAY or graceful is closed.
func (cs *conns) haveGoneAway(graceful <-chan struct{}) bool {
	late := time.NewTimer(goAwayWithin)
	defer late.Stop()
	for _, c := range cs.all() {
		select {
		case <-c.goneAway:
		case <-graceful:
			return true
		case <-late.C:
			return false
		}
	}
	return true
}

// giveUpHandshakes closes the connections over which no call can come yet.
func (cs *conns) giveUpHandshakes() {
	for _, c := range cs.all() {
		if !c.up.Load() {
			c.raw.Close() //nolint:errcheck // its handshake fails and reports it
		}
	}
}
