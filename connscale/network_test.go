package connscale_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// network lets clients dial servers by their addresses, in memory.
type network struct {
	mu      sync.Mutex
	servers map[string]*bufconn.Listener
	tries   []try
	links   []*link
	refuse  func(context.Context, try) error // may be nil
}

// try is a try to connect.
type try struct {
	address string
	number  int // of earlier tries, to any address
	at      time.Time
}

func newNetwork() *network { return &network{servers: make(map[string]*bufconn.Listener)} }

var errRefused = errors.New("connection refused")

// serve serves square at address, until the test ends.
func (n *network) serve(t *testing.T, address string, opts ...grpc.ServerOption) *grpc.Server {
	t.Helper()
	server := grpc.NewServer(opts...)
	squares.RegisterSquareService(server, square{})
	n.start(t, address, server)
	return server
}

// start serves server at address, until the test ends.
func (n *network) start(t *testing.T, address string, server *grpc.Server) {
	t.Helper()
	listener := n.listen(address)
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(listener) //nolint:errcheck // it returns when the server ends
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
}

// listen returns a listener at address, which replaces any earlier one.
func (n *network) listen(address string) *bufconn.Listener {
	listener := bufconn.Listen(32 << 10)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.servers[address] = listener
	return listener
}

// dialer returns the option with which a client reaches the servers.
func (n *network) dialer() grpc.DialOption { return grpc.WithContextDialer(n.dial) }

func (n *network) dial(ctx context.Context, address string) (net.Conn, error) {
	n.mu.Lock()
	this := try{address, len(n.tries), time.Now()}
	n.tries = append(n.tries, this)
	listener, refuse := n.servers[address], n.refuse
	n.mu.Unlock()
	if refuse != nil {
		if err := refuse(ctx, this); err != nil {
			return nil, err
		}
	}
	if listener == nil {
		return nil, errRefused
	}
	conn, err := listener.DialContext(ctx)
	if err != nil {
		return nil, err
	}
	l := &link{conn, this}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links = append(n.links, l)
	return l, nil
}

// setRefuse makes refuse decide which tries fail from now on.
func (n *network) setRefuse(refuse func(context.Context, try) error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refuse = refuse
}

// dialled returns all tries so far.
func (n *network) dialled() []try {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.tries[:len(n.tries):len(n.tries)]
}

// made returns all connections so far.
func (n *network) made() []*link {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.links[:len(n.links):len(n.links)]
}

// cut cuts the i-th of all connections so far.
func (n *network) cut(i int) {
	_ = n.made()[i].Close()
}

// cutAll cuts all connections.
func (n *network) cutAll() {
	for _, l := range n.made() {
		_ = l.Close()
	}
}

// link is the client's end of a connection. Its address identifies it.
type link struct {
	net.Conn
	try
}

func (l *link) RemoteAddr() net.Addr { return l }
func (l *link) Network() string      { return "test" }
func (l *link) String() string       { return fmt.Sprintf("%s#%d", l.address, l.number) }

// only refuses all tries except the first n.
func only(n int) func(context.Context, try) error {
	return func(_ context.Context, t try) error {
		if t.number < n {
			return nil
		}
		return errRefused
	}
}
