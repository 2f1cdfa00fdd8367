// Package hostcost measures the cost of naming a host in a call.
package hostcost

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/internal/inmemory"
)

type server struct{ benchpb.UnimplementedBench }

func (server) Unary(_ context.Context, msg *benchpb.Message) (*benchpb.Message, error) {
	return msg, nil
}

// dial returns a connection to one server. All stubs use it.
func dial(tb testing.TB) *grpc.ClientConn {
	tb.Helper()
	return inmemory.Connect(tb, func(r grpc.ServiceRegistrar) { benchpb.RegisterBench(r, server{}) })
}

type unary func(ctx context.Context, msg *benchpb.Message) (*benchpb.Message, error)

type stub struct {
	name string
	unary
}

// stubs are the ways to make a call through cc. The others are compared with the first.
func stubs(cc grpc.ClientConnInterface) []stub {
	theirs, ours := benchpb.NewBenchClient(cc), benchpb.NewBenchStub(cc)
	return []stub{
		{"grpc without a host", func(ctx context.Context, msg *benchpb.Message) (*benchpb.Message, error) {
			return theirs.Unary(ctx, msg)
		}},
		{"grpc with CallAuthority", func(ctx context.Context, msg *benchpb.Message) (*benchpb.Message, error) {
			return theirs.Unary(ctx, msg, gohost.Host("bench.example"))
		}},
		{"gohost without a host", ours.With(gohost.Host("")).Unary},
		{"gohost with the declared host", ours.Unary},
	}
}

func BenchmarkHost(b *testing.B) {
	for _, s := range stubs(dial(b)) {
		b.Run("stub="+s.name, func(b *testing.B) {
			b.ReportAllocs()
			msg := &benchpb.Message{Data: make([]byte, 16)}
			for range b.N {
				if _, err := s.unary(b.Context(), msg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A whole call through a stub with a declared host makes no more allocations, on both
// sides together, than one through a stub of protoc-gen-go-grpc without a host.
//
//nolint:paralleltest // it counts the allocations of the whole program
func TestHostCostsNothing(t *testing.T) {
	all := stubs(dial(t))
	msg := &benchpb.Message{Data: make([]byte, 16)}
	least := make([]float64, len(all))
	for range 3 { // the minimum of three: other work only adds to it
		for i, s := range all {
			allocs := testing.AllocsPerRun(3000, func() {
				if _, err := s.unary(t.Context(), msg); err != nil {
					t.Fatal(err)
				}
			})
			if least[i] == 0 || allocs < least[i] {
				least[i] = allocs
			}
		}
	}
	for i, s := range all {
		t.Logf("%-30s %v allocations", s.name, least[i])
	}
	if declared := least[len(all)-1]; declared > least[0] {
		t.Errorf("a call with a declared host makes %v allocations, without one %v", declared, least[0])
	}
}

// The stub itself, without the connection, allocates only the response.
//
//nolint:paralleltest // it counts the allocations of the whole program
func TestStubAllocates(t *testing.T) {
	ctx, msg := t.Context(), new(benchpb.Message)
	for _, test := range []struct {
		name string
		unary
		most float64
	}{
		{"a success", benchpb.NewBenchStub(instant{}).Unary, 1},
		{"a success without a host", benchpb.NewBenchStub(instant{}).With(gohost.Host("")).Unary, 1},
		{"a failure, whose error names the host", benchpb.NewBenchStub(instant{errFailed}).Unary, 2},
	} {
		got := testing.AllocsPerRun(1000, func() { _, _ = test.unary(ctx, msg) })
		t.Logf("%s: %v allocations", test.name, got)
		if got > test.most {
			t.Errorf("%s: %v allocations, want %v", test.name, got, test.most)
		}
	}
}

var errFailed = status.Error(codes.NotFound, "no route")

// instant is a connection that ends all calls immediately.
type instant struct{ err error }

func (i instant) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return i.err }

func (instant) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}
