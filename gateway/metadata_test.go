package gateway_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/stream"
)

// seeing is an upstream that records the metadata of its calls, without the
// keys that grpc itself adds.
func seeing(seen *metadata.MD, deadline *time.Time) service {
	return func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
		md, _ := metadata.FromIncomingContext(ctx)
		for _, key := range []string{":authority", "content-type", "user-agent", "grpc-accept-encoding"} {
			delete(md, key)
		}
		*seen = md
		*deadline, _ = ctx.Deadline()
		return squarer(ctx, reqs, send)
	}
}

// everything is metadata of a client.
var everything = metadata.MD{
	"traceparent":    {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
	"tracestate":     {"a=1", "b=2"},
	"grpc-trace-bin": {"\x00\xff\x01"},
	"baggage":        {"user=ada"},
	"authorization":  {"Bearer secret"},
	"cookie":         {"session=secret"},
	"x-tag":          {"one", "", "two"},
	"x-data-bin":     {"\x00,\xff", ""},
}

func only(keys ...string) metadata.MD {
	md := metadata.MD{}
	for _, key := range keys {
		md[key] = everything[key]
	}
	return md
}

func TestMetadataThatIsListedIsForwarded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts []gateway.Option
		own  metadata.MD // of the gateway's program
		want metadata.MD
	}{
		"by default": {nil, nil, only("traceparent", "tracestate", "grpc-trace-bin")},
		"named": {
			[]gateway.Option{gateway.Forward("Authorization", "x-tag"), gateway.Forward("x-data-bin", "x-missing", "x-tag", "Grpc-Trace-Bin")}, nil,
			only("traceparent", "tracestate", "grpc-trace-bin", "authorization", "x-tag", "x-data-bin"),
		},
		"named alone": {[]gateway.Option{gateway.Forward("x-tag"), gateway.ForwardOnly("baggage"), gateway.Forward("traceparent")}, nil, only("baggage", "traceparent")},
		"nothing":     {[]gateway.Option{gateway.ForwardOnly()}, nil, metadata.MD{}},
		"what the gateway sets itself": {
			[]gateway.Option{gateway.Forward("authorization")},
			metadata.MD{"authorization": {"Bearer of the gateway"}, "Traceparent": {"00-1"}, "x-own": {"y"}},
			metadata.MD{
				"authorization": {"Bearer of the gateway"}, "traceparent": {"00-1"}, "x-own": {"y"},
				"tracestate": everything["tracestate"], "grpc-trace-bin": everything["grpc-trace-bin"],
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, m mode, k kind) {
				var seen metadata.MD
				var deadline time.Time
				set := func(ctx context.Context) context.Context {
					for key, values := range test.own {
						ctx = metadata.AppendToOutgoingContext(ctx, key, values[0])
					}
					return ctx
				}
				w := setup{upstream: seeing(&seen, &deadline), opts: test.opts, server: []grpc.ServerOption{
					grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
						return handler(set(ctx), req)
					}),
					grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
						return handler(srv, contextOf{ss, set(ss.Context())})
					}),
				}}.start(t, m)
				ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(t.Context(), everything), time.Hour)
				defer cancel()
				if o := k.call(ctx, w.client, 3); o.err != nil || len(o.got) != 1 || o.got[0] != 9 {
					t.Fatalf("the client has %+v", o)
				}
				if diff := cmp.Diff(test.want, seen); diff != "" {
					t.Errorf("metadata of the upstream (-want +got):\n%s", diff)
				}
				if left := time.Until(deadline); left < 59*time.Minute || left > time.Hour {
					t.Errorf("the upstream has %v, want the client's hour", left)
				}
			})
		})
	}
}

// contextOf is a stream with another context.
type contextOf struct {
	grpc.ServerStream
	ctx context.Context
}

func (c contextOf) Context() context.Context { return c.ctx }

// A value that grpc would refuse to send does not fail the call, in neither
// direction.
func TestJunkInMetadataIsLeftOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		var seen metadata.MD
		var deadline time.Time
		upstream := seeing(&seen, &deadline)
		w := setup{
			upstream: service(func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
				header := metadata.MD{"x-tag": {"b\x80d", "good"}}
				_ = grpc.SetHeader(ctx, header) // grpc does not check it here
				_ = grpc.SetTrailer(ctx, header)
				return upstream(ctx, reqs, send)
			}),
			opts: []gateway.Option{gateway.Forward("x-tag")},
			server: []grpc.ServerOption{ // nor does every client check its metadata
				grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
					return handler(withJunk(ctx), req)
				}),
				grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
					return handler(srv, contextOf{ss, withJunk(ss.Context())})
				}),
			},
		}.start(t, m)
		o := k.call(t.Context(), w.client, 3)
		if o.err != nil {
			t.Fatal(o.err)
		}
		want := []string{"good"}
		for where, md := range map[string]metadata.MD{"metadata": seen, "header": o.header, "trailer": o.trailer} {
			if diff := cmp.Diff(want, md["x-tag"]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", where, diff)
			}
		}
	})
}

func withJunk(ctx context.Context) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	md["traceparent"] = []string{"00-\n"}
	md["x-tag"] = []string{"b\x80d", "good", "b\x1fd"}
	return metadata.NewIncomingContext(ctx, md)
}

// Invalid options fail the calls, and only this process learns why.
func TestInvalidOptionsFailTheCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts []gateway.Option
		want []string
	}{
		"keys": {
			[]gateway.Option{gateway.Forward("x-good", ":authority", "über", ""), gateway.ForwardOnly("Content-Type", "grpc-timeout", "host", "user-agent", "te")},
			[]string{`Forward: ":authority" is not a key`, `"über" is not`, `"" is not`, `ForwardOnly: "content-type" is not forwarded`, `"grpc-timeout" is not`, `"host" is not`, `"user-agent" is not`, `"te" is not`},
		},
		"no function":        {[]gateway.Option{gateway.HostBy(nil)}, []string{"HostBy was given a nil function"}},
		"no pattern":         {[]gateway.Option{gateway.HostBy(gateway.TenantOfHost("api.example", "*.lab.internal"))}, []string{`"api.example" does not begin with "*."`}},
		"no pattern for it":  {[]gateway.Option{gateway.HostBy(gateway.TenantOfMetadata("x-tenant", "*.a b"))}, []string{`"*.a b"`}},
		"nor for the tenant": {[]gateway.Option{gateway.HostBy(gateway.TenantOfHost("*.api.example", "lab.internal"))}, []string{`"lab.internal" does not begin with "*."`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, m mode, k kind) {
				text := make(chan string, 1)
				w := setup{upstream: squarer, opts: test.opts, register: decorated(func(err error) { text <- err.Error() })}.start(t, m)
				o := k.call(t.Context(), w.client, 3)
				wantCode(t, o.err, codes.Internal)
				if s := status.Convert(o.err); !strings.HasSuffix(s.Message(), "gateway: not set up for this call") {
					t.Errorf("the client gets %q", s.Message())
				}
				got := <-text
				for _, want := range test.want {
					if !strings.Contains(got, want) {
						t.Errorf("the error in the gateway is %q, want %q in it", got, want)
					}
				}
				if strings.Contains(got, "x-good") {
					t.Errorf("the error in the gateway is %q", got)
				}
			})
		})
	}
}

func TestAConnectionThatIsMissingFailsTheCalls(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		w := setup{upstream: squarer, view: func(*grpc.ClientConn) grpc.ClientConnInterface { return nil }}.start(t, m)
		wantCode(t, k.call(t.Context(), w.client, 3).err, codes.Internal)
	})
}

// Without a server, the metadata of an upstream is dropped.
func TestACallWithoutAServer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		var direct stubOf
		setup{upstream: squarer, register: func(_ grpc.ServiceRegistrar, s stubOf) { direct = s }}.start(t, m)
		if o := k.callWith(t.Context(), direct, stream.Of(num(3))); o.err != nil || len(o.got) != 1 || o.got[0] != 9 {
			t.Errorf("the caller has %+v", o)
		}
	})
}
