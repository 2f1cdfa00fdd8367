package main

import (
	"testing"

	"go.uber.org/dig"
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// The program that Wire has built works: the client calls the proxy, and the proxy
// calls the backend.
func TestWire(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), t.Output()); err != nil {
		t.Fatal(err)
	}
	backend, stopBackend, err := newBackend()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopBackend)
	proxy, stopProxy, err := newProxy(backend.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopProxy)
	client, disconnect, err := newClient(proxy.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(disconnect)
	checkLargest(t, client)
	stopBackend()
	if _, err := client.largest(t.Context(), 10); err == nil {
		t.Error("the call succeeds without the backend")
	}
}

// dig uses the same functions without changes.
func TestDig(t *testing.T) {
	t.Parallel()
	container := dig.New()
	for _, err := range []error{
		container.Provide(newSquarer, dig.As(new(squares.SquareService)), dig.Name("local")),
		container.Provide(func(in struct {
			dig.In
			Service squares.SquareService `name:"local"`
		}) (*grpc.ClientConn, error) {
			server, stop, err := serve(in.Service)
			if err != nil {
				return nil, err
			}
			t.Cleanup(stop)
			conn, disconnect, err := connect(server.addr)
			t.Cleanup(disconnect)
			return conn, err
		}, dig.As(new(grpc.ClientConnInterface))),
		container.Provide(squares.NewSquareServiceStub, dig.As(new(squares.SquareService))),
		container.Invoke(func(service squares.SquareService) { checkLargest(t, client{service}) }),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}
