package wires

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/gohostrpc/gohost/e2e/internal/samples"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// TestOnePort serves gRPC and the other protocols with one handler. The server stops
// gracefully, like a grpc.Server: health checks report it, connections get their
// GOAWAY, and open calls end by themselves.
func TestOnePort(t *testing.T) {
	t.Parallel()
	services, reports := connect.NewServer(), new(samples.Reports)
	registrar := gohostconnect.NewRegistrar(services)
	samples.Register(registrar, reports)
	healthServer := health.NewServer()
	grpc_health_v1.RegisterHealthServer(registrar, healthServer)

	listener := listen(t)
	web := &http.Server{Handler: gohostconnect.NewHandler(services), Protocols: protocols(1, 2)}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	server := target{addr: listener.Addr().String(), reports: reports}

	conn := openGRPC(t, server, row{}, false).(stubs)
	others := []caller{
		openBridge(t, server, row{protocol: connectWire, http: 1}, true),
		openBridge(t, server, row{protocol: webWire, http: 1}, false),
	}
	for _, client := range append(others, conn) {
		if err := callUnary(newCall(t.Context(), client, server, t.Name())); err != nil {
			t.Error(err)
		}
	}
	watch, err := grpc_health_v1.NewHealthClient(conn).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	next := func(want grpc_health_v1.HealthCheckResponse_ServingStatus) {
		t.Helper()
		if res, err := watch.Recv(); err != nil || res.GetStatus() != want {
			t.Errorf("health: %v, %v, want %v", res, err, want)
		}
	}
	next(grpc_health_v1.HealthCheckResponse_SERVING)
	chat, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, greeter.Greeter_SayHelloBidiStream_Method)
	if err != nil {
		t.Fatal(err)
	}
	say := func() {
		t.Helper()
		var res greeter.HelloReply
		if err := errors.Join(chat.SendMsg(&greeter.HelloRequest{Name: "Ada"}), chat.RecvMsg(&res)); err != nil || res.GetMessage() != "Hello Ada" {
			t.Errorf("%v, %v", &res, err)
		}
	}
	say()

	healthServer.Shutdown() // lame duck: nothing else changes yet
	next(grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	ended := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() { ended <- web.Shutdown(ctx) }()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	// The server takes no more calls, and the open one continues.
	if err := callUnary(newCall(t.Context(), others[0], server, t.Name())); err == nil {
		t.Error("the server takes a new call")
	}
	say()
	if err := chat.CloseSend(); err != nil {
		t.Error(err)
	}
	if err := chat.RecvMsg(new(greeter.HelloReply)); err == nil || err.Error() != "EOF" {
		t.Errorf("the end of the call: %v", err)
	}
	select {
	case err := <-ended:
		t.Errorf("the server has ended before its last call: %v", err)
	default:
	}
	// The health watch does not end by itself.
	if err := web.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestServeHTTPBeside shows another way, for programs that must keep their grpc.Server:
// gRPC by its ServeHTTP, which grpc-go calls experimental, and the rest by NewHandler.
func TestServeHTTPBeside(t *testing.T) {
	t.Parallel()
	reports := new(samples.Reports)
	grpcServer := grpc.NewServer()
	samples.Register(grpcServer, reports)
	rest := gohostconnect.NewHandler(connectServer(reports))
	server := serveHTTP(t, target{reports: reports}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), "+")
		if r.ProtoMajor == 2 && kind == "application/grpc" {
			grpcServer.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	}))
	for name, client := range map[string]caller{
		"gRPC":     openGRPC(t, server, row{}, false),
		"Connect":  openBridge(t, server, row{protocol: connectWire, http: 2}, false),
		"gRPC-Web": openBridge(t, server, row{protocol: webWire, http: 2}, false),
	} {
		for column, f := range callerCells {
			t.Run(name+"/"+column, func(t *testing.T) {
				t.Parallel()
				if err := f(newCall(t.Context(), client, server, t.Name())); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
