package goldentest

import (
	"context"
	"iter"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// backend is a server of both services that answers with the host of the call
// and with its own number.
type backend struct {
	squares.UnimplementedSquareService
	feed.UnimplementedRedisStream
	number float64
}

func (b backend) Square(context.Context, *squares.Message) (*squares.Message, error) {
	return &squares.Message{Message: b.number}, nil
}

func (b backend) StreamrangeSquare(_ context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return stream.Map(reqs, func(*squares.Message) (*squares.Message, error) {
		return &squares.Message{Message: b.number}, nil
	})
}

func (b backend) Sub(ctx context.Context, _ *feed.SubRequest) iter.Seq2[*feed.Entry, error] {
	return hostEntry(ctx)
}

func (b backend) Dump(ctx context.Context, _ *feed.SubRequest) iter.Seq2[*feed.Entry, error] {
	return hostEntry(ctx)
}

func hostEntry(ctx context.Context) iter.Seq2[*feed.Entry, error] {
	md, _ := metadata.FromIncomingContext(ctx)
	return stream.From(func(yield func(*feed.Entry) bool) {
		for _, host := range md.Get(":authority") {
			if !yield(&feed.Entry{Id: host}) {
				return
			}
		}
	})
}

// startBackend starts a server on loopback and returns its address.
func startBackend(t *testing.T, number float64) string {
	t.Helper()
	server := grpc.NewServer()
	squares.RegisterSquareService(server, backend{number: number})
	feed.RegisterRedisStream(server, backend{number: number})
	listener := listen(t)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// startProxy starts a reverse proxy that routes by host, with HTTP/2 without
// TLS on both sides. It returns its address and the number of its connections.
func startProxy(t *testing.T, routes map[string]string) (addr string, connections *atomic.Int32) {
	t.Helper()
	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: h2c}
	connections = new(atomic.Int32)
	proxy := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: routes[r.In.Host]})
			r.Out.Host = r.In.Host
		},
	}
	server := &http.Server{
		Protocols: h2c,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if routes[r.Host] == "" {
				http.NotFound(w, r)
				return
			}
			proxy.ServeHTTP(w, r)
		}),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		},
	}
	listener := listen(t)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String(), connections
}

func TestOneConnectionReachesEveryHost(t *testing.T) {
	t.Parallel()
	one, two := startBackend(t, 1), startBackend(t, 2)
	proxy, connections := startProxy(t, map[string]string{
		"square.example":    one,
		"other.example":     two,
		"feed.example":      two,
		"bulk.feed.example": two,
	})
	conn, err := grpc.NewClient(proxy, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the test is over

	declared := squares.NewSquareServiceStub(conn)
	other := squares.NewSquareServiceStub(conn).With(grpc.CallAuthority("other.example"))
	for name, test := range map[string]struct {
		stub squares.SquareServiceStub
		want float64
	}{
		"declared host":             {declared, 1},
		"host of the stub":          {other, 2},
		"host of the call":          {declared.With(grpc.CallAuthority("other.example")), 2},
		"host of the call and stub": {other.With(grpc.CallAuthority("square.example")), 1},
	} {
		res, err := test.stub.Square(t.Context(), &squares.Message{})
		if err != nil || res.GetMessage() != test.want {
			t.Errorf("%s: Square = %v, %v; want backend %v", name, res, err, test.want)
		}
		checkValues(t, name, test.stub.StreamrangeSquare(t.Context(), numbers(7, 7)), codes.OK, test.want, test.want)
	}

	feeds := feed.NewRedisStreamStub(conn)
	req := &feed.SubRequest{}
	checkSame(t, feeds.Sub(t.Context(), req), stream.Of(&feed.Entry{Id: "feed.example"}))
	checkSame(t, feeds.Dump(t.Context(), req), stream.Of(&feed.Entry{Id: "bulk.feed.example"}))
	checkSame(t, feeds.With(grpc.CallAuthority("other.example")).Dump(t.Context(), req), stream.Of(&feed.Entry{Id: "other.example"}))

	_, err = declared.With(grpc.CallAuthority("")).Square(t.Context(), &squares.Message{})
	checkCode(t, "the authority of the channel, which has no route", err, codes.Unimplemented)
	_, err = declared.With(grpc.CallAuthority("no\nhost")).Square(t.Context(), &squares.Message{})
	checkCode(t, "an invalid host", err, codes.InvalidArgument)

	if n := connections.Load(); n != 1 {
		t.Errorf("the proxy has seen %d connections, want 1", n)
	}
}
