package proxies

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// world is a proxy and the backends behind it.
type world struct {
	*proxy
	*proc.Process
	places

	square1, square2, other, feed, bulk *backend
}

// start starts a proxy with its documented configuration and some changes, in front of
// its own backends.
func start(t *testing.T, p *proxy, changes ...change) *world {
	t.Helper()
	return startWith(t, p, p.files, changes)
}

// startWith is like start, with other configuration files.
func startWith(t *testing.T, p *proxy, files []string, changes []change) *world {
	t.Helper()
	w := &world{proxy: p, places: places{dir: t.TempDir(), plain: proc.Addr(t), tls: proc.Addr(t)}}
	cmd := p.command(p.program(t), w.dir)
	w.square1, w.places.square1 = startBackend(t, "square1", registerSquares)
	w.square2, w.places.square2 = startBackend(t, "square2", registerSquares)
	w.other, w.places.other = startBackend(t, "other", registerSquares)
	w.feed, w.places.feed = startBackend(t, "feed", registerFeed)
	w.bulk, w.places.bulk = startBackend(t, "bulk", registerFeed)
	w.configure(t, files, changes)
	writeCertificate(t, w.dir)
	w.Process = proc.Start(t, cmd, w.addrs()...)
	if p.routes != nil {
		proc.Wait(t, p.kind+" to have its routes", func() bool { return p.routes(w.addrs()[0]) })
	}
	return w
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// dial returns a connection to the proxy without TLS.
func (w *world) dial(t *testing.T) *grpc.ClientConn {
	t.Helper()
	return dial(t, w.plain, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

// dialTLS returns a connection to the proxy with the name in its certificate.
func (w *world) dialTLS(t *testing.T, creds credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	return dial(t, w.tls, grpc.WithTransportCredentials(creds), grpc.WithAuthority(certified[0]))
}

func dial(t *testing.T, addr string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing to lose
	return conn
}

// accessLog returns the calls that the proxy has logged so far. It logs a call when the
// call has ended.
func (w *world) accessLog(t *testing.T) []access {
	t.Helper()
	text := w.Output()
	if !w.stdout {
		b, err := os.ReadFile(filepath.Join(w.dir, "access.log"))
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	var calls []access
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "/squarerpc_service.") && !strings.Contains(line, "/feed.") || !strings.HasSuffix(line, "\n") {
			continue // another line, or an incomplete one
		}
		call, err := w.logged(line)
		if err != nil {
			t.Fatalf("%v in a line of the access log: %s", err, line)
		}
		calls = append(calls, call)
	}
	return calls
}
