package peers

import (
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/python"
	"github.com/gohostrpc/gohost/e2e/internal/samples"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// gateways are the kinds of gateway.
var gateways = map[string]struct {
	opts   []gateway.Option
	server []grpc.ServerOption
}{
	"typed":              {},
	"raw":                {opts: []gateway.Option{gateway.Raw()}},
	"raw with its codec": {opts: []gateway.Option{gateway.Raw()}, server: []grpc.ServerOption{grpc.ForceServerCodecV2(gateway.Codec(nil))}},
}

// startGateway starts a gateway to the samples at addr, which ends with the test, and
// returns its address.
func startGateway(t *testing.T, name, addr string, opts ...gateway.Option) string {
	t.Helper()
	conn := connect(t, addr, insecure.NewCredentials())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(gateways[name].server...)
	registerStubs(server, gateway.Conn(conn, append(opts, gateways[name].opts...)...))
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func registerStubs(r grpc.ServiceRegistrar, conn grpc.ClientConnInterface) {
	calculator.RegisterCal(r, calculator.NewCalStub(conn))
	squares.RegisterSquareService(r, squares.NewSquareServiceStub(conn))
	greeter.RegisterGreeter(r, greeter.NewGreeterStub(conn))
	feed.RegisterRedisStream(r, feed.NewRedisStreamStub(conn))
}

// forwarded forwards the metadata that the cases need in addition to the default.
func forwarded() gateway.Option { return gateway.Forward("case", "echo-text", "echo-data-bin") }

// A gateway between our client and a server in Python changes nothing, even with nginx
// in front of it.
func TestPythonServerBehindAGateway(t *testing.T) {
	t.Parallel()
	generated := python.Generate(t)
	for flavour, program := range python.Flavours {
		for name := range gateways {
			for _, front := range []string{"", " and nginx"} {
				t.Run(flavour+"/"+name+front, func(t *testing.T) {
					t.Parallel()
					addr := proc.Addr(t)
					server := proc.Start(t, generated.Command(program.Server, addr), addr)
					outer := startGateway(t, name, addr, forwarded())
					if front != "" {
						outer = proc.Nginx(t, outer)
					}
					conn := connect(t, outer, insecure.NewCredentials())
					callCases(t, peer{ClientConn: conn, nginx: front != ""}, flavour, server)
				})
			}
		}
	}
}

// The same is true between clients in Python and our server.
func TestPythonClientOfAGateway(t *testing.T) {
	t.Parallel()
	generated := python.Generate(t)
	for flavour, program := range python.Flavours {
		for name := range gateways {
			t.Run(flavour+"/"+name, func(t *testing.T) {
				t.Parallel()
				var reports samples.Reports
				addr := serve(t, insecure.NewCredentials(), func(s *grpc.Server) { samples.Register(s, &reports) })
				python.CheckClient(t, generated.Command(program.Client, startGateway(t, name, addr, forwarded())), &reports)
			})
		}
	}
}
