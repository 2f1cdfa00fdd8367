package proxies

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// Numbers that ask a method of the squares for special behaviour.
const (
	hold   = -1 // wait until the client has left
	enough = -2 // answer and return without reading the rest
	refuse = -3 // return an error without reading the rest
	pause  = -4 // answer, pause, answer
)

// silence is longer than the limits that the tests set.
const silence = 2500 * time.Millisecond

var errRefused = status.Error(codes.ResourceExhausted, "that was enough")

// backend is a server of one service, or of both.
type backend struct {
	feed.UnimplementedRedisStream
	name string
	log  io.Writer    // gets a line for each held call
	held atomic.Int32 // calls that wait until their client has left
}

// startBackend starts a backend in this process and returns its address.
func startBackend(t *testing.T, name string, register func(grpc.ServiceRegistrar, *backend)) (*backend, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &backend{name: name, log: io.Discard}
	server := b.server(register)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(server.Stop)
	return b, listener.Addr().String()
}

// startKillable starts a backend of the squares in its own process.
func startKillable(t *testing.T) (*proc.Process, string) {
	t.Helper()
	addr := proc.Addr(t)
	return startAgain(t, addr), addr
}

func startAgain(t *testing.T, addr string) *proc.Process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), backendEnv+"="+addr)
	return proc.Start(t, cmd, addr)
}

// serve serves the squares and returns the error that ends it.
func serve(name, addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return (&backend{name: name, log: os.Stderr}).server(registerSquares).Serve(listener)
}

func registerSquares(r grpc.ServiceRegistrar, b *backend) { squares.RegisterSquareService(r, b) }
func registerFeed(r grpc.ServiceRegistrar, b *backend)    { feed.RegisterRedisStream(r, b) }

// server returns a server whose answers name, in their header, the backend and the host
// of the call.
func (b *backend) server(register func(grpc.ServiceRegistrar, *backend)) *grpc.Server {
	header := func(ctx context.Context) metadata.MD {
		md, _ := metadata.FromIncomingContext(ctx)
		return metadata.MD{"backend": {b.name}, "host": md.Get(":authority")}
	}
	server := grpc.NewServer(
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			if err := grpc.SetHeader(ctx, header(ctx)); err != nil {
				return nil, err
			}
			return handler(ctx, req)
		}),
		grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if err := ss.SetHeader(header(ss.Context())); err != nil {
				return err
			}
			return handler(srv, ss)
		}),
	)
	register(server, b)
	return server
}

// wait returns when the client has left.
func (b *backend) wait(ctx context.Context) error {
	b.held.Add(1)
	defer b.held.Add(-1)
	fmt.Fprintln(b.log, "holding")
	<-ctx.Done()
	return ctx.Err()
}

func (b *backend) Square(ctx context.Context, req *squares.Message) (*squares.Message, error) {
	if req.GetMessage() == hold {
		return nil, b.wait(ctx)
	}
	return square(req.GetMessage()), nil
}

func (b *backend) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		switch req.GetMessage() {
		case hold:
			if yield(square(1), nil) {
				yield(nil, b.wait(ctx))
			}
			return
		case pause:
			if yield(square(1), nil) {
				time.Sleep(silence)
				yield(square(2), nil)
			}
			return
		}
		for n := 1.0; n <= req.GetMessage(); n++ {
			if !yield(square(n), nil) {
				return
			}
		}
	}
}

func (b *backend) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := new(squares.Message)
	for res, err := range b.StreamrangeSquare(ctx, reqs) {
		if err != nil {
			return nil, err
		}
		sum.Message += res.GetMessage()
	}
	return sum, nil
}

func (b *backend) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for req, err := range reqs {
			switch {
			case err != nil:
				yield(nil, err)
				return
			case req.GetMessage() == hold:
				yield(nil, b.wait(ctx))
				return
			case req.GetMessage() == enough:
				return
			case req.GetMessage() == refuse:
				yield(nil, errRefused)
				return
			}
			if !yield(square(req.GetMessage()), nil) {
				return
			}
		}
	}
}

func square(n float64) *squares.Message { return &squares.Message{Message: n * n} }

// Sub and Dump return what the request asks for, three times.
func (b *backend) Sub(_ context.Context, req *feed.SubRequest) iter.Seq2[*feed.Entry, error] {
	return func(yield func(*feed.Entry, error) bool) {
		for n := range 3 {
			if !yield(&feed.Entry{Id: fmt.Sprint(n), Values: map[string]string{"": req.GetStream()}}, nil) {
				return
			}
		}
	}
}

func (b *backend) Dump(ctx context.Context, req *feed.SubRequest) iter.Seq2[*feed.Entry, error] {
	return b.Sub(ctx, req)
}

func (b *backend) Len(_ context.Context, req *feed.SubRequest) (*feed.Length, error) {
	return &feed.Length{Entries: int64(len(req.GetStream()))}, nil
}
