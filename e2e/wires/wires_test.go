package wires

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	connectv1 "connectrpc.com/connect"
	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/e2e/internal/samples"
	"github.com/gohostrpc/gohost/gohostconnect"
)

// The clients and protocols of the table.
const (
	goGRPC      = "grpc-go, our stubs"
	bridge      = "our stubs, gohostconnect.NewConn"
	goConnectV2 = "connect-go v2"
	goConnectV1 = "connect-go v1"
	curlClient  = "curl"
	grpcurlTool = "grpcurl"
	pythonSync  = "Python, grpc"
	pythonAsync = "Python, grpc.aio"
	theirGRPC   = "grpc-go, protoc-gen-go-grpc's stubs"
	theirBridge = "protoc-gen-go-grpc's stubs, gohostconnect.NewConn"

	connectWire = "Connect"
	grpcWire    = "gRPC"
	webWire     = "gRPC-Web"
)

// TestWires makes the calls of each cell, and compares the outcome with the table.
func TestWires(t *testing.T) {
	t.Parallel()
	cert := samples.NewCertificate(t)
	for _, r := range table {
		open, ok := goClients[r.client]
		if !ok {
			continue // a client of another test
		}
		for _, codec := range []string{"protobuf", "JSON"} {
			if only := oneCodec[r.client] + oneCodec[r.server]; only != "" && only != codec {
				continue
			}
			for _, cert := range []*samples.Certificate{nil, cert} {
				if servers[r.server] == nil && cert != nil {
					continue // TLS ends at a proxy, if there is any
				}
				t.Run(strings.Join([]string{r.server, r.client, r.protocol, fmt.Sprint("HTTP", r.http), codec, security(cert)}, "/"), func(t *testing.T) {
					t.Parallel()
					server := serve(t, r, target{cert: cert, reports: new(samples.Reports)})
					client := open(t, server, r, codec == "JSON")
					for column, want := range r.cells {
						t.Run(column, func(t *testing.T) {
							t.Parallel()
							err := within(t, func(ctx context.Context) error {
								return cellsOf(client)[column](newCall(ctx, client, server, t.Name()))
							})
							checkCell(t, server, want, err, client)
						})
					}
				})
			}
		}
	}
}

func cellsOf(client caller) map[string]func(call) error {
	if _, ok := client.(theirs); ok {
		return theirCells
	}
	return callerCells
}

func security(cert *samples.Certificate) string {
	if cert == nil {
		return "plain"
	}
	return "TLS"
}

func serve(t *testing.T, r row, server target) target {
	t.Helper()
	if start := servers[r.server]; start != nil {
		return start(t, server)
	}
	return startProxy(t, r.server, servers["gohostconnect"](t, server), r.http)
}

// hangs is the error of a cell that does not end.
const hangs = "no answer, for ever"

// oneCodec has the codec of programs with only one.
var oneCodec = map[string]string{"grpc-go": "protobuf", goGRPC: "protobuf", theirGRPC: "protobuf", curlClient: "JSON", grpcurlTool: "protobuf"}

// within returns the error of f, or hangs if f does not end.
func within(t *testing.T, f func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hung := time.AfterFunc(time.Minute, cancel)
	err := f(ctx)
	if !hung.Stop() {
		return errors.New(hangs)
	}
	return err
}

// checkCell compares an outcome with the one in the table.
func checkCell(t *testing.T, server target, want string, err error, client caller) {
	t.Helper()
	got := works
	if err != nil {
		got = err.Error()
		if got != hangs && !strings.Contains(got, "-want +got") {
			got = client.failureOf(err).Error()
		}
		got = strings.ReplaceAll(strings.ReplaceAll(got, server.url(), "URL"), server.addr, "ADDRESS")
		got = loopback.ReplaceAllString(got, "CLIENT")
		if strings.HasPrefix(got, curlReset92) || strings.HasPrefix(got, curlReset52) {
			got = curlReset
		}
	}
	if got != want && want != sometimes(got) && (got != works || !strings.HasPrefix(want, sometimes(""))) {
		t.Errorf("the cell is\n%s\nwant\n%s", got, want)
	}
}

// loopback matches the address of a client.
var loopback = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)

// goClients open the clients in Go.
var goClients = map[string]func(t *testing.T, server target, r row, json bool) caller{
	goGRPC:      openGRPC,
	bridge:      openBridge,
	goConnectV2: openV2,
	goConnectV1: openV1,
	curlClient:  openCurl,
	grpcurlTool: openGrpcurl,
	theirGRPC: func(t *testing.T, server target, r row, json bool) caller {
		t.Helper()
		return theirs{openGRPC(t, server, r, json).(stubs)}
	},
	theirBridge: func(t *testing.T, server target, r row, json bool) caller {
		t.Helper()
		return theirs{openBridge(t, server, r, json).(stubs)}
	},
}

func openGRPC(t *testing.T, server target, _ row, _ bool) caller {
	t.Helper()
	creds := insecure.NewCredentials()
	if server.cert != nil {
		creds = server.cert.Client(t)
	}
	conn, err := grpc.NewClient(server.addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // all calls have ended
	return stubs{server.named(conn)}
}

func openBridge(t *testing.T, server target, r row, json bool) caller {
	t.Helper()
	return stubs{server.named(gohostconnect.NewConn(gohostconnect.NewTransport(server.client(t, r.http), server.url(), optionsV2(r, json)...)))}
}

func openV2(t *testing.T, server target, r row, json bool) caller {
	t.Helper()
	return v2Caller{connect.NewClient(connecthttp.NewTransport(server.client(t, r.http), server.url(), optionsV2(r, json)...))}
}

// named returns a view of a connection whose calls name the host of the server.
func (s target) named(conn grpc.ClientConnInterface) grpc.ClientConnInterface {
	if s.host == "" {
		return conn
	}
	return gohost.Conn(conn, s.host)
}

func optionsV2(r row, json bool) []connecthttp.Option {
	var opts []connecthttp.Option
	if json {
		opts = append(opts, connecthttp.WithProtoJSON())
	}
	switch r.protocol {
	case grpcWire:
		opts = append(opts, connecthttp.WithGRPC())
	case webWire:
		opts = append(opts, connecthttp.WithGRPCWeb())
	}
	return opts
}

func openV1(t *testing.T, server target, r row, json bool) caller {
	t.Helper()
	var opts []connectv1.ClientOption
	if json {
		opts = append(opts, connectv1.WithProtoJSON())
	}
	switch r.protocol {
	case grpcWire:
		opts = append(opts, connectv1.WithGRPC())
	case webWire:
		opts = append(opts, connectv1.WithGRPCWeb())
	}
	return newV1Caller(server.client(t, r.http), server.url(), opts...)
}

// The table has exactly the columns that are tested.
func TestColumns(t *testing.T) {
	t.Parallel()
	for _, column := range columns {
		if callerCells[column] == nil {
			t.Errorf("no cell tests %s", column)
		}
	}
	for _, r := range table {
		for column := range maps.Keys(r.cells) {
			if callerCells[column] == nil {
				t.Errorf("%s has the unknown column %s", r.client, column)
			}
		}
	}
}
