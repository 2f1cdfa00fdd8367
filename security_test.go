package gohost_test

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// field is a header field on the wire.
type field struct{ name, value string }

// rawCall calls Square over its own connection, with fields among those of a
// gRPC call. It returns the fields of the answer, or nil if the server has
// reset the stream or closed the connection.
func rawCall(t *testing.T, conn net.Conn, fields ...field) map[string]string {
	t.Helper()
	return rawCallOf(t, conn, squares.SquareService_Square_Method, fields...)
}

// rawCallOf is rawCall of the method at path.
func rawCallOf(t *testing.T, conn net.Conn, path string, fields ...field) map[string]string {
	t.Helper()
	defer conn.Close() //nolint:errcheck // the call has ended
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	all := append([]field{{":method", "POST"}, {":scheme", "http"}, {":path", path}}, fields...)
	for _, f := range append(all, field{"content-type", "application/grpc"}, field{"te", "trailers"}) {
		if err := enc.WriteField(hpack.HeaderField{Name: f.name, Value: f.value}); err != nil {
			t.Fatal(err)
		}
	}
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	go func() { // a server may write before it reads everything
		_, err := conn.Write([]byte(http2.ClientPreface))
		if err == nil {
			err = framer.WriteSettings()
		}
		if err == nil {
			err = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true})
		}
		if err == nil {
			_ = framer.WriteData(1, true, make([]byte, 5)) // an empty message
		}
	}()
	answer := make(map[string]string)
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return nil
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			for _, f := range frame.Fields {
				answer[f.Name] = f.Value
			}
			if frame.StreamEnded() {
				return answer
			}
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return nil
		}
	}
}

// A server may get an :authority that no client of ours would send. It serves
// the call for that host or with the default, or refuses it; it never serves it
// for another host.
func TestRawAuthorities(t *testing.T) {
	t.Parallel()
	const served, refused, internal, broken = "0", "12", "13", "no answer" // grpc-status
	for _, test := range []struct {
		name             string
		fields           []field
		serve, serveHTTP string
	}{
		{"the host", []field{{":authority", "square.example"}}, served, served},
		{"upper case and port", []field{{":authority", "SQUARE.Example:8443"}}, served, served},
		{"dot at the end", []field{{":authority", "square.example."}}, served, served},
		{"another host", []field{{":authority", "other.example"}}, refused, refused},
		{"host header alone", []field{{"host", "square.example"}}, served, served},
		{"another host header beside it", []field{{":authority", "square.example"}, {"host", "other.example"}}, served, served},
		{"a host header for another host", []field{{":authority", "other.example"}, {"host", "square.example"}}, refused, refused},
		{"two authorities", []field{{":authority", "square.example"}, {":authority", "other.example"}}, broken, broken},
		{"two host headers", []field{{"host", "square.example"}, {"host", "other.example"}}, internal, served}, // net/http takes the first
		{"none", nil, internal + " or " + refused, refused},                                                    // the first from grpc 1.83.2 on
		{"empty", []field{{":authority", ""}}, refused, refused},
		{"LF", []field{{":authority", "square.example\nx: y"}}, broken, broken},
		{"NUL", []field{{":authority", "square.example\x00"}}, broken, broken},
		{"space", []field{{":authority", "square.example other"}}, refused, refused},
		{"path", []field{{":authority", "square.example/other"}}, refused, refused},
		{"userinfo", []field{{":authority", "other@square.example"}}, refused, broken + " or " + refused}, // the first from Go 1.25 on
		{"wildcard", []field{{":authority", "*.example"}}, refused, refused},
		{"non-ASCII", []field{{":authority", "squaré.example"}}, refused, refused},
		{"no UTF-8", []field{{":authority", "a\xff"}}, refused, refused},
		{"over-long", []field{{":authority", strings.Repeat("square.", 1000) + "example"}}, refused, refused},
	} {
		for way, want := range map[string]string{"Serve": test.serve, "ServeHTTP": test.serveHTTP} {
			t.Run(test.name+" by "+way, func(t *testing.T) {
				t.Parallel()
				mux := new(gohost.Mux)
				squares.RegisterSquareService(mux, new(server))
				conn, err := ways[way](t, registerMux(t, mux), mux.ServerOption()).DialContext(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				answer := rawCall(t, conn, test.fields...)
				got, ok := answer["grpc-status"]
				if !ok {
					got = broken
				}
				if !slices.Contains(strings.Split(want, " or "), got) {
					t.Errorf("grpc-status %s (%v), want %s", got, answer, want)
				}
			})
		}
	}
}

// A path without a leading slash reaches no service. An interceptor that knows methods by
// name, such as a HostCheck, could mistake it for another method. grpc 1.79.2 serves it.
func TestRawPaths(t *testing.T) {
	t.Parallel()
	const method = "squarerpc_service.SquareService/square"
	for path, want := range map[string]string{"/" + method: "0", method: "12", "//" + method: "12", "/" + method + "/": "12"} {
		for way, serve := range ways {
			t.Run(path+" by "+way, func(t *testing.T) {
				t.Parallel()
				s := new(server)
				conn, err := serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) }).DialContext(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				answer := rawCallOf(t, conn, path, field{":authority", "square.example"})
				if got := answer["grpc-status"]; got != want && answer != nil {
					t.Errorf("grpc-status %s (%v), want %s", got, answer, want)
				}
				if reached := len(s.seen()) > 0; reached != (want == "0") {
					t.Errorf("the service is reached: %v", reached)
				}
			})
		}
	}
}

// A caller that writes :authority or host into the metadata does not change the
// host that the server sees. With net/http a host stays metadata.
func TestHostInMetadata(t *testing.T) {
	t.Parallel()
	for way, serve := range ways {
		for _, key := range []string{"host", "Host", ":authority"} {
			t.Run(key+" by "+way, func(t *testing.T) {
				t.Parallel()
				var mds []metadata.MD
				s := new(server)
				conn := inmemory.Dial(t, serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) },
					grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
						md, _ := metadata.FromIncomingContext(ctx)
						mds = append(mds, md)
						return handler(ctx, req)
					})))
				ctx := metadata.AppendToOutgoingContext(t.Context(), key, "evil.example")
				for i, err := range callErrors(ctx, squares.NewSquareServiceStub(conn)) {
					if err != nil {
						t.Errorf("call %d: %v", i, err)
					}
				}
				checkSeen(t, s, "square.example")
				stays := way == "ServeHTTP" && key != ":authority"
				if len(mds) != 1 || (len(mds[0].Get("host")) > 0) != stays {
					t.Errorf("metadata has host %q", mds[0].Get("host"))
				}
				if host := gohost.HostFromContext(metadata.NewIncomingContext(t.Context(), mds[0])); host != "square.example" {
					t.Errorf("HostFromContext = %q, want square.example", host)
				}
			})
		}
	}
}
