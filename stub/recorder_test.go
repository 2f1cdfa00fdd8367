package stub_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// recorder is a stats handler that counts what it sees.
type recorder struct {
	mu   sync.Mutex
	seen map[string]int
}

func (r *recorder) see(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = make(map[string]int)
	}
	r.seen[what]++
}

func (r *recorder) count(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[what]
}

// check compares what was seen with want.
func (r *recorder) check(t *testing.T, who string, want map[string]int) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if diff := cmp.Diff(want, r.seen); diff != "" {
		t.Errorf("%s (-want +got):\n%s", who, diff)
	}
}

func (r *recorder) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (r *recorder) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (r *recorder) HandleConn(context.Context, stats.ConnStats)                       {}
func (r *recorder) HandleRPC(_ context.Context, s stats.RPCStats) {
	switch s := s.(type) {
	case *stats.Begin:
		r.see("Begin")
	case *stats.InPayload:
		r.see("InPayload")
		if s.CompressedLength < s.Length {
			r.see("compressed")
		}
	case *stats.OutPayload:
		r.see("OutPayload")
	case *stats.End:
		r.see("End")
	}
}

// GetRequestMetadata lets a recorder be the credentials of each call.
func (r *recorder) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	r.see("credentials")
	return map[string]string{"token": "secret"}, nil
}
func (r *recorder) RequireTransportSecurity() bool { return false }

// watchedStream counts what goes through a stream of the client.
type watchedStream struct {
	grpc.ClientStream
	r *recorder
}

func (w watchedStream) SendMsg(m any) error {
	w.r.see("SendMsg")
	return w.ClientStream.SendMsg(m)
}

func (w watchedStream) CloseSend() error {
	w.r.see("CloseSend")
	return w.ClientStream.CloseSend()
}

func (w watchedStream) RecvMsg(m any) error {
	err := w.ClientStream.RecvMsg(m)
	if err == nil {
		w.r.see("RecvMsg")
	} else {
		w.r.see("end")
	}
	return err
}

type watchedServerStream struct {
	grpc.ServerStream
	r *recorder
}

func (w watchedServerStream) SendMsg(m any) error {
	w.r.see("SendMsg")
	return w.ServerStream.SendMsg(m)
}

func (w watchedServerStream) RecvMsg(m any) error {
	err := w.ServerStream.RecvMsg(m)
	if err == nil {
		w.r.see("RecvMsg")
	}
	return err
}

// calls makes one call of each kind, with three messages in a stream.
var calls = map[string]func(context.Context, squares.SquareServiceStub) error{
	"unary": func(ctx context.Context, s squares.SquareServiceStub) error {
		_, err := s.Square(ctx, num(3))
		return err
	},
	"server streaming": func(ctx context.Context, s squares.SquareServiceStub) error {
		_, err := collect(s.RangeSquare(ctx, num(3)))
		return err
	},
	"client streaming": func(ctx context.Context, s squares.SquareServiceStub) error {
		_, err := s.SumSquare(ctx, count(3))
		return err
	},
	"bidirectional": func(ctx context.Context, s squares.SquareServiceStub) error {
		_, err := collect(s.StreamrangeSquare(ctx, count(3)))
		return err
	},
}
