package gohostconnect_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// compressions are the headers that name the compression of a request.
var compressions = []string{"Content-Encoding", "Connect-Content-Encoding", "Grpc-Encoding"}

// watched serves impl over HTTP/2, and passes the compression of each request to seen.
func watched(t *testing.T, impl squares.SquareService, opts ...connecthttp.Option) (stub squares.SquareServiceStub, seen chan string) {
	t.Helper()
	server := connect.NewServer()
	squares.RegisterSquareService(gohostconnect.NewRegistrar(server), impl)
	handler := gohostconnect.NewHandler(server)
	seen = make(chan string, 1)
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		compression := ""
		for _, name := range compressions {
			compression += r.Header.Get(name)
		}
		seen <- compression
		handler.ServeHTTP(w, r)
	}))
	web.EnableHTTP2 = true
	web.StartTLS()
	t.Cleanup(web.Close)
	return squares.NewSquareServiceStub(gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL, opts...))), seen
}

// protocols are the protocols of connect.
var protocols = map[string][]connecthttp.Option{
	"Connect":  nil,
	"gRPC":     {connecthttp.WithGRPC()},
	"gRPC-Web": {connecthttp.WithGRPCWeb()},
}

// A call is compressed as its options say; others on the same connection are
// not.
func TestCompressedOnTheWire(t *testing.T) {
	t.Parallel()
	for name, protocol := range protocols {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub, seen := watched(t, squarer, protocol...)
			for _, c := range []struct {
				opts []grpc.CallOption
				want string
			}{
				{nil, ""},
				{[]grpc.CallOption{grpc.UseCompressor("gzip")}, "gzip"},
				{[]grpc.CallOption{grpc.UseCompressor("gzip"), grpc.MaxCallRecvMsgSize(100)}, "gzip"},
				{[]grpc.CallOption{grpc.UseCompressor("gzip"), grpc.UseCompressor("identity")}, ""},
				{nil, ""},
			} {
				s := stub.With(c.opts...)
				calls := map[string]func() error{
					"unary":            func() error { _, err := s.Square(within(t), num(2)); return err },
					"server streaming": func() error { _, err := numbers(s.RangeSquare(within(t), num(2))); return err },
					"client streaming": func() error { _, err := s.SumSquare(within(t), stream.Of(num(2))); return err },
					"bidirectional":    func() error { _, err := numbers(s.StreamrangeSquare(within(t), stream.Of(num(2)))); return err },
				}
				for kind, call := range calls {
					if err := call(); err != nil {
						t.Fatalf("%s: %v", kind, err)
					}
					if got := <-seen; got != c.want {
						t.Errorf("%s is compressed by %q, want %q", kind, got, c.want)
					}
				}
			}
		})
	}
}

// A limit applies to each uncompressed message by itself.
func TestLimitOfCompressed(t *testing.T) {
	t.Parallel()
	for name, protocol := range protocols {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub, seen := watched(t, fake{
				square: func(_ context.Context, req *msg) (*msg, error) { return big(int(req.GetMessage())), nil },
				ranges: func(_ context.Context, req *msg) msgs {
					return stream.Of(big(int(req.GetMessage())), big(int(req.GetMessage())))
				},
			}, protocol...)
			for _, c := range []struct {
				size int
				want codes.Code
			}{
				{10000, codes.OK},
				{20000, codes.ResourceExhausted},
			} {
				s := stub.With(grpc.UseCompressor("gzip"), grpc.MaxCallRecvMsgSize(15000))
				_, err := s.Square(within(t), num(float64(c.size)))
				wantCode(t, err, c.want)
				<-seen
				_, err = numbers(s.RangeSquare(within(t), num(float64(c.size))))
				wantCode(t, err, c.want)
				<-seen
			}
		})
	}
}
