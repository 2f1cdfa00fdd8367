package gohostconnect_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// A stream without messages may end in its header. In gRPC this is the trailer. In
// gRPC-Web the two cannot be told apart, so it counts as both.
func TestTrailersOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, content string
		protocol      connecthttp.Option
		header        []string
	}{
		{"gRPC", "application/grpc+proto", connecthttp.WithGRPC(), nil},
		{"gRPC-Web", "application/grpc-web+proto", connecthttp.WithGRPCWeb(), []string{"yes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.content)
				w.Header().Set("X-Both", "yes")
				w.Header().Set("Grpc-Status", "5")
			}))
			web.EnableHTTP2 = true
			web.StartTLS()
			t.Cleanup(web.Close)
			var header, trailer metadata.MD
			conn := gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL, c.protocol))
			stub := squares.NewSquareServiceStub(conn).With(grpc.Header(&header), grpc.Trailer(&trailer))
			_, err := numbers(stub.RangeSquare(within(t), num(1)))
			wantCode(t, err, codes.NotFound)
			if got := header.Get("x-both"); !slices.Equal(got, c.header) {
				t.Errorf("header %q, want %q", got, c.header)
			}
			if got := trailer.Get("x-both"); !slices.Equal(got, []string{"yes"}) {
				t.Errorf("trailer %q, want yes", got)
			}
		})
	}
}
