package gohostconnect_test

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// seeing returns an implementation that reports the host of each call.
func seeing(t *testing.T, hosts chan<- string) fake {
	t.Helper()
	return doing(func(ctx context.Context) error {
		hosts <- gohost.HostFromContext(ctx)
		return nil
	})
}

// A call names the host of its service, or another one, in each protocol.
func TestHost(t *testing.T) {
	t.Parallel()
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		hosts := make(chan string, 1)
		s := w.serve(t, registering(seeing(t, hosts)))
		for _, test := range []struct {
			opts []grpc.CallOption
			want string
		}{
			{nil, "square.example"}, // from the .proto
			{[]grpc.CallOption{gohost.Host("tenant.example")}, "tenant.example"},
			{[]grpc.CallOption{gohost.Host("a.example"), gohost.Host("b.example")}, "b.example"},
		} {
			named := s
			named.stub = s.stub.With(test.opts...)
			if err := call(within(t), named); err != nil {
				t.Fatal(err)
			}
			if got := <-hosts; got != test.want {
				t.Errorf("the handler sees the host %q, want %q", got, test.want)
			}
		}
	})
}

// No kind of stub sends a host that may not be sent.
func TestInvalidHost(t *testing.T) {
	t.Parallel()
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := w.serve(t, registering(doing(func(context.Context) error {
				t.Error("the call has arrived")
				return nil
			})))
			for name, call := range calls {
				named := s
				named.stub = s.stub.With(gohost.Host("a b"))
				if err := call(within(t), named); err == nil {
					t.Errorf("%s: there is no error", name)
				}
			}
			const method = "/squarerpc_service.SquareService/square"
			wantCode(t, s.conn.Invoke(within(t), method, num(1), num(0), gohost.Host("a/b")), codes.InvalidArgument)
			_, err := s.conn.NewStream(within(t), &squares.SquareServiceDesc.Streams[0], method, gohost.Host("a/b"))
			wantCode(t, err, codes.InvalidArgument)
			ctx := metadata.AppendToOutgoingContext(within(t), "host", "other.example")
			wantCode(t, s.conn.Invoke(ctx, method, num(1), num(0)), codes.InvalidArgument)
		})
	}
}

// gohost's host check and Mux work as with grpc's server.
func TestHostCheckAndMux(t *testing.T) {
	t.Parallel()
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		check, err := gohost.NewHostCheck(gohost.CheckEnforce, gohost.AlsoAccept("tenant-a.example", "tenant-b.example"))
		if err != nil {
			t.Fatal(err)
		}
		var mux gohost.Mux
		answers := make(chan string, 1)
		for _, host := range []string{"tenant-a.example", "tenant-b.example"} {
			squares.RegisterSquareService(mux.Host(host), doing(func(context.Context) error {
				answers <- host
				return nil
			}))
		}
		s := w.serve(t, func(r grpc.ServiceRegistrar) {
			if err := mux.Mount(r); err != nil {
				t.Fatal(err)
			}
		}, gohostconnect.UnaryInterceptors(check.Unary), gohostconnect.StreamInterceptors(check.Stream, mux.Stream,
			func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
				if _, ok := srv.(squares.SquareService); !ok {
					t.Errorf("an interceptor behind the Mux sees %T", srv)
				}
				return handler(srv, ss)
			}))
		for host, want := range map[string]codes.Code{
			"tenant-a.example": codes.OK, "TENANT-B.example:443": codes.OK,
			"square.example": codes.Unimplemented, // the Mux has nothing for it
			"other.example":  codes.Unimplemented,
		} {
			named := s
			named.stub = s.stub.With(gohost.Host(host))
			err := call(within(t), named)
			wantCode(t, err, want)
			if want != codes.OK {
				continue
			}
			if got := <-answers; got != gohostOf(host) {
				t.Errorf("%s is answered by %s", host, got)
			}
		}
	})
}

func gohostOf(authority string) string {
	return gohost.HostFromContext(metadata.NewIncomingContext(context.Background(), metadata.Pairs(":authority", authority)))
}

// Interceptors run in the order in which they are given, and may end a call.
func TestInterceptors(t *testing.T) {
	t.Parallel()
	type key struct{}
	errRefused := errors.New("refused")
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		var seen []string
		refuse := false
		see := func(ctx context.Context, name string) (context.Context, error) {
			seen = append(seen, name)
			if refuse && name == "second" {
				return nil, errRefused
			}
			return context.WithValue(ctx, key{}, name), nil
		}
		unary := func(name string) grpc.UnaryServerInterceptor {
			return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				ctx, err := see(ctx, name)
				if err != nil {
					return nil, err
				}
				return handler(ctx, req)
			}
		}
		streams := func(name string) grpc.StreamServerInterceptor {
			return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
				ctx, err := see(ss.Context(), name)
				if err != nil {
					return err
				}
				return handler(srv, derived{ss, ctx})
			}
		}
		s := w.serve(t, registering(doing(func(ctx context.Context) error {
			if ctx.Value(key{}) != "third" {
				t.Errorf("the handler's context is of %v", ctx.Value(key{}))
			}
			if method, ok := grpc.Method(ctx); !ok || method == "" {
				t.Error("there is no method in the context")
			}
			return nil
		})),
			gohostconnect.UnaryInterceptors(unary("first"), unary("second")), gohostconnect.UnaryInterceptors(unary("third")),
			gohostconnect.StreamInterceptors(streams("first"), streams("second")), gohostconnect.StreamInterceptors(streams("third")))
		if err := call(within(t), s); err != nil {
			t.Error(err)
		}
		refuse = true
		wantCode(t, call(within(t), s), codes.Unknown)
		if got, want := len(seen), 5; got != want || seen[0] != "first" || seen[1] != "second" || seen[2] != "third" || seen[4] != "second" {
			t.Errorf("the interceptors saw it in the order %v", seen)
		}
	})
}

// derived is a stream with another context.
type derived struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // like in interceptors
}

func (s derived) Context() context.Context { return s.ctx }
