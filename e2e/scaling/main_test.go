// Package scaling makes more concurrent calls than one connection takes: with the
// connections of package connscale, and with the one of grpc, through proxies with
// their default settings.
package scaling

import (
	"context"
	"fmt"
	"iter"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// backendEnv makes this program a backend. It has the address and the number of streams
// per connection, or 0 for any number.
const backendEnv = "GOHOST_E2E_BACKEND"

func TestMain(m *testing.M) {
	if what := os.Getenv(backendEnv); what != "" {
		fmt.Fprintln(os.Stderr, serve(what))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// startBackend starts a backend in its own process, so that the figures of this process
// are only the client's.
func startBackend(tb testing.TB, limit int, env ...string) *running {
	tb.Helper()
	addr := proc.Addr(tb)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), env...), fmt.Sprintf("%s=%s %d", backendEnv, addr, limit))
	return &running{Process: proc.Start(tb, cmd, addr), addr: addr}
}

// serve serves the squares and returns the error that ends it.
func serve(what string) error {
	addr, text, _ := strings.Cut(what, " ")
	limit, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	var opts []grpc.ServerOption
	if limit > 0 {
		opts = append(opts, grpc.MaxConcurrentStreams(uint32(limit)))
	}
	server := grpc.NewServer(opts...)
	squares.RegisterSquareService(server, backend{})
	return server.Serve(listener)
}

type (
	message  = squares.Message
	messages = iter.Seq2[*message, error]
)

// backend answers with the request.
type backend struct {
	squares.UnimplementedSquareService
}

func (backend) Square(_ context.Context, req *message) (*message, error) { return req, nil }

// RangeSquare yields as many messages as the request asks for. If that is 0, it yields
// one and waits until the client has left.
func (backend) RangeSquare(ctx context.Context, req *message) messages {
	return func(yield func(*message, error) bool) {
		for range int(max(req.GetMessage(), 1)) {
			if !yield(req, nil) {
				return
			}
		}
		if req.GetMessage() == endless {
			<-ctx.Done()
			yield(nil, ctx.Err())
		}
	}
}

func (backend) StreamrangeSquare(_ context.Context, reqs messages) messages { return reqs }

// endless asks RangeSquare for a stream that does not end by itself.
const endless = 0
