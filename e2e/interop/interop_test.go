package interop

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/orca"
	"google.golang.org/grpc/testdata"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	testservice "github.com/gohostrpc/gohost/e2e/interop/stubs/grpc_testinggohost"
	orcaservice "github.com/gohostrpc/gohost/e2e/interop/stubs/v3gohost"
)

// serverName is in the official server's certificate.
const serverName = "foo.test.google.fr"

var transports = map[string]bool{"plaintext": false, "TLS": true}

// build builds one of the official programs. They find their certificates by the path
// of their sources, which -trimpath would remove.
func build(t *testing.T, name string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath=false", "-o", program, "google.golang.org/grpc/interop/"+name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return program
}

func TestOfficialClientAndOurServer(t *testing.T) {
	t.Parallel()
	program := build(t, "client")
	for transport, useTLS := range transports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			_, port, err := net.SplitHostPort(serve(t, useTLS))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					// The arguments are those of interop_test.sh.
					args := []string{
						"-server_host=127.0.0.1", "-server_port=" + port, "-test_case=" + c.name,
						`-service_config_json={"loadBalancingConfig": [{"test_backend_metrics_load_balancer": {}}]}`,
					}
					if useTLS {
						args = append(args, "-use_tls", "-use_test_ca", "-server_host_override="+serverName)
					}
					if out, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
						t.Errorf("%v\n%s", err, out)
					}
				})
			}
		})
	}
}

// serve starts our server and returns its address.
func serve(t *testing.T, useTLS bool, opts ...grpc.ServerOption) string {
	t.Helper()
	opts = append(opts, orca.CallMetricsServerOption(nil))
	if useTLS {
		creds, err := credentials.NewServerTLSFromFile(testdata.Path("server1.pem"), testdata.Path("server1.key"))
		if err != nil {
			t.Fatal(err)
		}
		opts = append(opts, grpc.Creds(creds))
	}
	server := grpc.NewServer(opts...)
	metrics := orca.NewServerMetricsRecorder()
	testservice.RegisterTestService(server, &service{metrics: metrics})
	orcaservice.RegisterOpenRcaService(server, reports{metrics})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func TestOurClientAndOfficialServer(t *testing.T) {
	t.Parallel()
	program := build(t, "server")
	for transport, useTLS := range transports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			addr := proc.Addr(t)
			_, port, err := net.SplitHostPort(addr)
			if err != nil {
				t.Fatal(err)
			}
			args := []string{"-port=" + port}
			creds := insecure.NewCredentials()
			if useTLS {
				args = append(args, "-use_tls")
				if creds, err = credentials.NewClientTLSFromFile(testdata.Path("ca.pem"), serverName); err != nil {
					t.Fatal(err)
				}
			}
			proc.Start(t, exec.Command(program, args...), addr)
			dial := func() (*grpc.ClientConn, error) {
				return grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
			}
			conn, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					if err := c.run(ctx, client{testservice.NewTestServiceStub(conn), conn, dial}); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}
