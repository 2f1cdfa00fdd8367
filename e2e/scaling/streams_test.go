package scaling

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/testdata/squares"
)

const (
	// maxConnections has room for the streams and for another call.
	maxConnections = 101
	// idleTimeout is long enough to measure while all connections are open but idle.
	idleTimeout = 3 * time.Second
	// settling is how long goroutines may take to end.
	settling = 500 * time.Millisecond
	// patience is how long streams may take to start. On an otherwise idle machine,
	// they need a tenth of it.
	patience = 10 * time.Second
)

// These are not parallel: they measure.

func TestServer(t *testing.T)  { test(t, server) }  //nolint:paralleltest // see above
func TestNginx(t *testing.T)   { test(t, nginx) }   //nolint:paralleltest // see above
func TestHAProxy(t *testing.T) { test(t, haproxy) } //nolint:paralleltest // see above
func TestTraefik(t *testing.T) { test(t, traefik) } //nolint:paralleltest // see above
func TestCaddy(t *testing.T)   { test(t, caddy) }   //nolint:paralleltest // see above

func test(t *testing.T, p program) {
	t.Helper()
	t.Run("plain", func(t *testing.T) {
		f := plain(t, p)
		seen(t, "%d of %d streams after 3 s; a unary call beside them: %v", f.streams, p.streams, f.unary)
	})
	t.Run("scaled", func(t *testing.T) {
		f := scaled(t, p)
		seen(t, "%d of %d streams after %d ms; unary calls beside them: median %.2f ms, p99 %.2f ms; %d connections of %.0f kB of the client, %d after idle",
			f.streams, p.streams, f.all.Milliseconds(), ms(f.median), ms(f.p99), f.connections, float64(f.memory)/1000, f.idle)
	})
	t.Run("a connection", func(t *testing.T) { seen(t, "%.0f kB of the other side", float64(connection(t, p))/1000) })
}

func seen(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Attr("seen", fmt.Sprintf(format, args...))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// figures are the measurements of a client.
type figures struct {
	streams     int           // running after at most three seconds
	all         time.Duration // until all were running
	unary       codes.Code    // of a concurrent unary call
	median, p99 time.Duration // of many concurrent unary calls
	connections int
	memory      int // of the client, per connection
	idle        int // connections that are left after an idle while
}

// plain opens streams on grpc's single connection.
func plain(tb testing.TB, p program) (f figures) {
	tb.Helper()
	conn, err := grpc.NewClient(p.start(tb).addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // nothing to lose
	streams := open(tb, conn, p.streams)
	defer streams.end()
	if f.streams = streams.after(3 * time.Second); f.streams != p.limit {
		tb.Errorf("%d streams run on one connection, want %d", f.streams, p.limit)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = squares.NewSquareServiceStub(conn).Square(ctx, new(message))
	if f.unary = status.Code(err); f.unary != codes.DeadlineExceeded {
		tb.Errorf("a unary call beside them: %v, want %v", err, codes.DeadlineExceeded)
	}
	return f
}

// scaled opens streams on as many connections as they need.
func scaled(tb testing.TB, p program) (f figures) {
	tb.Helper()
	client := dial(tb, p.start(tb).addr, connscale.Options{MaxConnections: maxConnections, IdleTimeout: idleTimeout})
	streams := open(tb, client, p.streams)
	if f.streams = streams.after(patience); f.streams != p.streams {
		tb.Fatalf("%d of %d streams run: %v", f.streams, p.streams, client.Stats())
	}
	f.all = streams.took
	f.median, f.p99 = unary(tb, client)
	f.connections = len(client.Stats().Connections)
	if least := (p.streams + p.limit - 1) / p.limit; f.connections < least || f.connections > least+1 {
		tb.Errorf("%d connections, want %d, or one more for the unary calls", f.connections, least)
	}

	streams.end()
	waitForNone(tb, client)
	time.Sleep(settling)
	many := inUse()
	if n := len(client.Stats().Connections); n != f.connections {
		tb.Errorf("%d connections are left before the idle timeout, want %d", n, f.connections)
	}
	proc.Wait(tb, "idle connections to close", func() bool { return len(client.Stats().Connections) == 1 })
	time.Sleep(settling)
	f.memory = (many - inUse()) / (f.connections - 1)
	f.idle = len(client.Stats().Connections)
	if _, err := squares.NewSquareServiceStub(client).Square(tb.Context(), new(message)); err != nil {
		tb.Errorf("a call after the others are closed: %v", err)
	}
	return f
}

// dial returns a client of package connscale that ends with the test.
func dial(tb testing.TB, addr string, opts connscale.Options, dialOpts ...grpc.DialOption) *connscale.Client {
	tb.Helper()
	client, err := connscale.NewClient(addr, insecure.NewCredentials(), opts, dialOpts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { client.Close() }) //nolint:errcheck // nothing to lose
	return client
}

// unary makes calls, one after another, and returns the times that they took.
func unary(tb testing.TB, conn grpc.ClientConnInterface) (median, p99 time.Duration) {
	tb.Helper()
	const calls = 500
	service := squares.NewSquareServiceStub(conn)
	var took []time.Duration
	for range calls {
		ctx, cancel := context.WithTimeout(tb.Context(), patience)
		begun := time.Now()
		_, err := service.Square(ctx, new(message))
		took = append(took, time.Since(begun))
		cancel()
		if err != nil {
			tb.Fatalf("a unary call beside streams: %v", err)
		}
	}
	slices.Sort(took)
	return took[calls/2], took[calls*99/100]
}

// waitForNone waits until no connection has a stream, and no call waits for one.
func waitForNone(tb testing.TB, client *connscale.Client) {
	tb.Helper()
	proc.Wait(tb, "all counts to be 0", func() bool {
		stats := client.Stats()
		return stats.Waiting == 0 && !slices.ContainsFunc(stats.Connections, func(c connscale.Connection) bool { return c.Streams != 0 })
	})
}

// inUse returns the memory that this process uses, on the heap and for stacks.
func inUse() int {
	var stats runtime.MemStats
	for range 2 { // the second collection frees what the first has finalized
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc + stats.StackInuse)
}

// connection returns the memory of a connection on the server's side: how much the
// process grows per connection, if each of many has had a call.
func connection(tb testing.TB, p program) int {
	tb.Helper()
	const connections = 500
	// A program in Go collects its garbage all the time: it grows by what it uses.
	running := p.start(tb, "GOGC=5")
	connect := func() {
		conn, err := grpc.NewClient(running.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing to lose
		if _, err := squares.NewSquareServiceStub(conn).Square(tb.Context(), new(message)); err != nil {
			tb.Fatal(err)
		}
	}
	for range 50 { // now the memory for calls is allocated
		connect()
	}
	before := running.Memory(tb)
	var calls sync.WaitGroup
	for range 5 {
		calls.Go(func() {
			for range connections / 5 {
				connect()
			}
		})
	}
	calls.Wait()
	return (running.Memory(tb) - before) / connections
}
