package gateway

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// backendEnv is an address. It makes this program the upstream, in its own process,
// which can be killed.
const backendEnv = "GOHOST_E2E_BACKEND"

func TestMain(m *testing.M) {
	if addr := os.Getenv(backendEnv); addr != "" {
		fmt.Fprintln(os.Stderr, serve(addr))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// The hosts that clients know, and the one that they must not see.
const (
	publicHost   = "public.example"
	upstreamHost = "lab.internal"
	backendName  = "backend-7"
)

// hold asks the upstream to be silent. holding is what the upstream then prints.
const (
	hold    = -1
	holding = "holding"
)

type (
	msg  = squares.Message
	msgs = iter.Seq2[*squares.Message, error]
)

// moody is an upstream that behaves in random ways, unless it is asked to hold.
type moody struct{}

func serve(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	squares.RegisterSquareService(server, moody{})
	return server.Serve(listener)
}

func (m moody) answer(ctx context.Context, reqs msgs, send func(*msg) bool) error {
	if err := grpc.SendHeader(ctx, metadata.Pairs("server", backendName)); err != nil {
		return err
	}
	if err := grpc.SetTrailer(ctx, metadata.Pairs("via", backendName)); err != nil {
		return err
	}
	mood := rand.N(5)
	for req, err := range reqs {
		if err != nil {
			return err
		}
		switch {
		case req.GetMessage() == hold:
			fmt.Fprintln(os.Stderr, holding)
			<-ctx.Done()
			return ctx.Err()
		case mood == 0: // an early answer
			send(req)
			return nil
		case mood == 1: // an early error
			return status.Errorf(codes.Code(1+rand.N(16)), "%s has enough", upstreamHost)
		case mood == 2 && rand.N(10) == 0: // silence
			<-ctx.Done()
			return ctx.Err()
		}
		time.Sleep(rand.N(50 * time.Millisecond))
		if !send(req) {
			return nil
		}
	}
	return nil
}

func (m moody) one(ctx context.Context, reqs msgs) (*msg, error) {
	last := new(msg)
	err := m.answer(ctx, reqs, func(res *msg) bool { last = res; return true })
	if err != nil {
		return nil, err
	}
	return last, nil
}

func (m moody) all(ctx context.Context, reqs msgs) msgs {
	return func(yield func(*msg, error) bool) {
		gone := false
		err := m.answer(ctx, reqs, func(res *msg) bool { gone = gone || !yield(res, nil); return !gone })
		if err != nil && !gone {
			yield(nil, err)
		}
	}
}

func (m moody) Square(ctx context.Context, req *msg) (*msg, error)     { return m.one(ctx, stream.Of(req)) }
func (m moody) RangeSquare(ctx context.Context, req *msg) msgs         { return m.all(ctx, stream.Of(req)) }
func (m moody) SumSquare(ctx context.Context, reqs msgs) (*msg, error) { return m.one(ctx, reqs) }
func (m moody) StreamrangeSquare(ctx context.Context, reqs msgs) msgs  { return m.all(ctx, reqs) }

// startBackend starts the upstream in its own process.
func startBackend(t *testing.T, addr string) *proc.Process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), backendEnv+"="+addr)
	return proc.Start(t, cmd, addr)
}

// kinds are the four kinds of RPC: each makes a call and ranges over the responses.
var kinds = map[string]func(ctx context.Context, s squares.SquareServiceStub, reqs msgs) msgs{
	"unary": func(ctx context.Context, s squares.SquareServiceStub, reqs msgs) msgs {
		return single(s.Square(ctx, first(reqs)))
	},
	"server streaming": func(ctx context.Context, s squares.SquareServiceStub, reqs msgs) msgs {
		return s.RangeSquare(ctx, first(reqs))
	},
	"client streaming": func(ctx context.Context, s squares.SquareServiceStub, reqs msgs) msgs {
		return single(s.SumSquare(ctx, reqs))
	},
	"bidirectional": func(ctx context.Context, s squares.SquareServiceStub, reqs msgs) msgs {
		return s.StreamrangeSquare(ctx, reqs)
	},
}

func single(m *msg, err error) msgs {
	return func(yield func(*msg, error) bool) { yield(m, err) }
}

func first(reqs msgs) *msg {
	for req, err := range reqs {
		if err != nil {
			break
		}
		return req
	}
	return nil
}

func dial(t *testing.T, addr string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+addr, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // it may be closed
	return conn
}

// names returns the first of secrets that an error, its status or its trailer contains,
// or "".
func names(err error, secrets ...string) string {
	text := strings.ToLower(err.Error() + status.Convert(err).Proto().String())
	for _, secret := range append(secrets, upstreamHost, backendName, "nginx") {
		if strings.Contains(text, secret) {
			return secret
		}
	}
	return ""
}
