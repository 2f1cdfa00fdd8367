package wires

import (
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// An implementation that has nothing says so on the wire.
func TestUnimplemented(t *testing.T) {
	t.Parallel()
	server := connect.NewServer()
	squares.RegisterSquareService(gohostconnect.NewRegistrar(server), squares.UnimplementedSquareService{})
	web := httptest.NewServer(gohostconnect.NewHandler(server))
	t.Cleanup(web.Close)
	conn := gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL, connecthttp.WithProtoJSON()))
	if _, err := squares.NewSquareServiceStub(conn).Square(t.Context(), &squares.Message{}); err == nil {
		t.Error("there is an answer")
	}
}
