package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost/examples/feed/feedpb"
)

// world is an engine, servers of one feed, and a client that uses the running servers
// in turn.
type world struct {
	t       *testing.T
	options *options
	store   string

	mu      sync.Mutex
	nats    *server.Server
	running []*replica
	turn    int
	refused int // how often the client has found no server
}

func newWorld(t *testing.T, args ...string) *world {
	t.Helper()
	w := &world{t: t, store: t.TempDir()}
	var err error
	if w.options, err = parse(append([]string{"-store", w.store}, args...), t.Output()); err != nil {
		t.Fatal(err)
	}
	w.startEngine()
	t.Cleanup(w.stopEngine)
	return w
}

func (w *world) startEngine() {
	w.t.Helper()
	started, err := startNATS(w.store)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nats = started
}

func (w *world) stopEngine() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nats.Shutdown()
	w.nats.WaitForShutdown()
}

// InProcessConn connects to the engine that is running now. It makes world a
// nats.InProcessConnProvider.
func (w *world) InProcessConn() (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nats.InProcessConn()
}

func (w *world) connect() *engine {
	w.t.Helper()
	conn, err := connect("", nats.InProcessServer(w))
	if err != nil {
		w.t.Fatal(err)
	}
	return &engine{conn: conn}
}

// jetStream returns the stream, as an operator would use it.
func (w *world) jetStream() jetstream.Stream {
	w.t.Helper()
	e := w.connect()
	w.t.Cleanup(e.close)
	js, err := jetstream.New(e.conn)
	if err != nil {
		w.t.Fatal(err)
	}
	store, err := js.Stream(w.t.Context(), streamName)
	if err != nil {
		w.t.Fatal(err)
	}
	return store
}

// replica is a server.
type replica struct {
	w        *world
	listener *cuttable
	end      context.CancelFunc
	served   chan error
}

// cuttable is a listener whose connections can be cut, as if its process had been
// killed.
type cuttable struct {
	*bufconn.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (l *cuttable) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.conns = append(l.conns, conn)
	}
	return conn, err
}

// cut cuts all connections.
func (l *cuttable) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
}

// start starts a server.
func (w *world) start() *replica {
	w.t.Helper()
	ctx, end := context.WithCancel(context.Background())
	r := &replica{w, &cuttable{Listener: bufconn.Listen(1 << 16)}, end, make(chan error, 1)}
	engine := w.connect()
	go func() {
		defer engine.close()
		r.served <- serveFeed(ctx, w.options, engine, func() (net.Listener, error) { return r.listener, nil })
	}()
	w.t.Cleanup(r.stop)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = append(w.running, r)
	return r
}

// leave hides the server from the client.
func (r *replica) leave() {
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	for i, other := range r.w.running {
		if other == r {
			r.w.running = append(r.w.running[:i:i], r.w.running[i+1:]...)
		}
	}
}

// stop stops the server gracefully.
func (r *replica) stop() {
	r.leave()
	r.end()
	if err := <-r.served; err != nil {
		r.w.t.Errorf("serve: %v", err)
	}
	r.served <- nil // it may be stopped again
}

// kill stops the server abruptly.
func (r *replica) kill() {
	r.leave()
	r.listener.cut()
	r.stop()
}

// client returns the service, on the running servers in turn.
func (w *world) client() feedpb.Feed {
	w.t.Helper()
	conn, service, err := dial("passthrough:///feed", grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		w.mu.Lock()
		if len(w.running) == 0 {
			w.refused++
			w.mu.Unlock()
			return nil, fmt.Errorf("no server is running")
		}
		w.turn++
		r := w.running[w.turn%len(w.running)]
		w.mu.Unlock()
		return r.listener.DialContext(ctx)
	}))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	return service
}

func (w *world) refusals() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refused
}

// publish publishes the numbers from..to, and returns the last position.
func (w *world) publish(service feedpb.Feed, from, to int) string {
	w.t.Helper()
	position := ""
	for n := from; n <= to; n++ {
		res, err := service.Publish(w.t.Context(), &feedpb.PublishRequest{Id: fmt.Sprint(n), Data: fmt.Append(nil, n)})
		if err != nil {
			w.t.Fatalf("publish %d: %v", n, err)
		}
		position = res.GetPosition()
	}
	return position
}

// until waits until holds returns true.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("this never happened: %s", what)
		}
	}
}

// newFeed returns a feed that does not follow JetStream: the test fills its tail.
func (w *world) newFeed() *feed {
	w.t.Helper()
	e := w.connect()
	w.t.Cleanup(e.close)
	opts := w.options.feed
	opts.log = log.New(w.t.Output(), "", 0)
	f, err := openFeed(w.t.Context(), e.conn, opts)
	if err != nil {
		w.t.Fatal(err)
	}
	f.close()
	return f
}
