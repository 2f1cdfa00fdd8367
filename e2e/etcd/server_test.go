package etcd

import (
	"context"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// server is a single-member etcd. It keeps its data and addresses when it is killed.
type server struct {
	program      string
	dir          string
	client, peer string // addresses
	process      *proc.Process
}

// start starts an etcd without data.
func start(t *testing.T) *server {
	t.Helper()
	s := &server{
		program: proc.Find(t, "etcd", "apt-get install etcd-server"),
		dir:     filepath.Join(t.TempDir(), "data"), // etcd creates it
		client:  proc.Addr(t),
		peer:    proc.Addr(t),
	}
	s.run(t)
	return s
}

func (s *server) run(t *testing.T) {
	t.Helper()
	s.process = proc.Start(t, exec.Command(s.program,
		"--name=one", "--data-dir="+s.dir, "--logger=zap", "--log-level=warn",
		"--listen-client-urls=http://"+s.client, "--advertise-client-urls=http://"+s.client,
		"--listen-peer-urls=http://"+s.peer, "--initial-advertise-peer-urls=http://"+s.peer,
		"--initial-cluster=one=http://"+s.peer,
		"--heartbeat-interval=20", "--election-timeout=200", // it elects itself
	), s.client)
}

// restart kills the server with SIGKILL and starts it again with its data.
func (s *server) restart(t *testing.T) {
	t.Helper()
	s.process.Kill()
	s.run(t)
}

// dialOptions are the options of all clients: they reconnect soon, and count each
// stream that they open.
func dialOptions(opened *atomic.Int32) []grpc.DialOption {
	soon := backoff.DefaultConfig
	soon.BaseDelay, soon.MaxDelay = 50*time.Millisecond, time.Second
	return []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: soon, MinConnectTimeout: time.Second}),
		grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			opened.Add(1)
			return streamer(ctx, desc, cc, method, opts...)
		}),
	}
}

// dial connects to the server, and counts opened streams.
func (s *server) dial(t *testing.T, opened *atomic.Int32) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(s.client, dialOptions(opened)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}
