// Package scaling makes more calls at a time than one connection takes: with the
// connections of package connscale, and with the one of grpc, through proxies as
// they are without settings for it.
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

// backendEnv tells this program to be a backend, by its address and the number of
// streams that it allows on a connection, 0 for any number.
const backendEnv = "GOHOST_E2E_BACKEND"

func TestMain(m *testing.M) {
	if what := os.Getenv(backendEnv); what != "" {
		fmt.Fprintln(os.Stderr, serve(what))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// startBackend starts a backend in a process of its own: the figures of this one
// are the client's.
func startBackend(tb testing.TB, limit int, env ...string) *running {
	tb.Helper()
	addr := proc.Addr(tb)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), env...), fmt.Sprintf("%s=%s %d", backendEnv, addr, limit))
	return &running{Process: proc.Start(tb, cmd, addr), addr: addr}
}

// serve serves the squares and returns why it no longer can.
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

// backend answers with what it is asked.
type backend struct {
	squares.UnimplementedSquareService
}

func (backend) Square(_ context.Context, req *message) (*message, error) { return req, nil }

// RangeSquare yields as many messages as it is asked for; if that are none, it
// yields one and waits until the caller is gone.
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
