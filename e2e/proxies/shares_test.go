package proxies

import (
	"fmt"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"crypto/tls"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/internal/certificate"
)

func TestWeightsTraefik(t *testing.T) { t.Parallel(); testWeights(t, generatedTraefik) }
func TestWeightsNginx(t *testing.T)   { t.Parallel(); testWeights(t, generatedNginx) }
func TestWeightsHAProxy(t *testing.T) { t.Parallel(); testWeights(t, generatedHAProxy) }
func TestWeightsCaddy(t *testing.T)   { t.Parallel(); testWeights(t, generatedCaddy) }

func TestDeadTraefik(t *testing.T) { t.Parallel(); testDead(t, generatedTraefik) }
func TestDeadNginx(t *testing.T)   { t.Parallel(); testDead(t, generatedNginx) }
func TestDeadHAProxy(t *testing.T) { t.Parallel(); testDead(t, generatedHAProxy) }
func TestDeadCaddy(t *testing.T)   { t.Parallel(); testDead(t, generatedCaddy) }

func TestHealthTraefik(t *testing.T) { t.Parallel(); testHealth(t, generatedTraefik) }
func TestHealthHAProxy(t *testing.T) { t.Parallel(); testHealth(t, generatedHAProxy) }

// instance is one of the instances of a backend. It answers every call with its name.
type instance struct {
	name, addr string
	health     *health.Server
	server     *grpc.Server
}

func startInstance(t *testing.T, name string, opts ...grpc.ServerOption) *instance {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{name: name, addr: listener.Addr().String(), health: health.NewServer()}
	i.server = grpc.NewServer(append(opts, grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Aborted, name)
	}))...)
	grpc_health_v1.RegisterHealthServer(i.server, i.health)
	go i.server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(i.server.Stop)
	return i
}

// serve sets whether the instance is serving.
func (i *instance) serve(serves bool) {
	state := grpc_health_v1.HealthCheckResponse_NOT_SERVING
	if serves {
		state = grpc_health_v1.HealthCheckResponse_SERVING
	}
	i.health.SetServingStatus("", state)
}

// startShared starts p in front of instances, whose addresses are in parameters, and
// returns a connection to it.
func startShared(t *testing.T, p *proxy, parameters ...string) *grpc.ClientConn {
	t.Helper()
	addr := startRoutes(t, p, parameters, "../../testdata", "squares/square.proto")
	return dial(t, addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

// arrivals makes calls and returns how many reached each instance. Calls with another
// error are counted under its code.
func arrivals(t *testing.T, conn *grpc.ClientConn, calls int) map[string]int {
	t.Helper()
	got := make(map[string]int)
	for range calls {
		err := conn.Invoke(brief(t), "/squarerpc_service.SquareService/Square", new(emptypb.Empty), new(emptypb.Empty), gohost.Host("square.example"))
		if status.Code(err) == codes.Aborted {
			got[status.Convert(err).Message()]++
		} else {
			got[status.Code(err).String()]++
		}
	}
	return got
}

// testWeights makes 100 calls to instances with the weights 9 and 1.
func testWeights(t *testing.T, p *proxy) {
	t.Helper()
	heavy, light := startInstance(t, "heavy"), startInstance(t, "light")
	got := arrivals(t, startShared(t, p, "upstream="+heavy.addr+";weight=9", "upstream="+light.addr), 100)
	seen(t, fmt.Sprint(got))
	if got["heavy"]+got["light"] != 100 || got["light"] < 8 || got["light"] > 12 {
		t.Errorf("calls by instance: %v, want 90 and 10", got)
	}
}

// testDead makes calls to two instances. First one dies, and then the other.
func testDead(t *testing.T, p *proxy) {
	t.Helper()
	first, second := startInstance(t, "first"), startInstance(t, "second")
	conn := startShared(t, p, "upstream="+first.addr, "upstream="+second.addr)
	if got := arrivals(t, conn, 20); got["first"] != 10 || got["second"] != 10 {
		t.Errorf("calls by instance: %v, want 10 each", got)
	}
	second.server.Stop()
	if p.seen.noOther {
		seen(t, fmt.Sprintf("one is dead: %v of 20", arrivals(t, conn, 20)))
	} else {
		begin, failed := time.Now(), 0
		proc.Wait(t, "calls to arrive at the other instance", func() bool {
			got := arrivals(t, conn, 20)
			failed += 20 - got["first"]
			return got["first"] == 20
		})
		seen(t, fmt.Sprintf("one is dead: %d calls failed, in %d ms", failed, time.Since(begin).Milliseconds()))
		if failed > 0 && !p.seen.late {
			t.Errorf("%d calls failed, though there is another instance", failed)
		}
	}
	first.server.Stop()
	err := conn.Invoke(brief(t), "/squarerpc_service.SquareService/Square", new(emptypb.Empty), new(emptypb.Empty), gohost.Host("square.example"))
	seen(t, fmt.Sprintf("both are dead: %v", err))
	checkCode(t, "both are dead", err, codes.Unavailable)
	if says := "no backend answers for host square.example"; p.answers() && status.Convert(err).Message() != says {
		t.Errorf("both are dead: %v, want %q", err, says)
	}
}

// testHealth makes calls to two instances, one of which is only serving at times.
func testHealth(t *testing.T, p *proxy) {
	t.Helper()
	t.Run("plain", func(t *testing.T) {
		t.Parallel()
		h := &healthTest{T: t, steady: startInstance(t, "steady"), fickle: startInstance(t, "fickle")}
		h.run(startShared(t, p, "health_check=1s", "upstream="+h.steady.addr, "upstream="+h.fickle.addr))
	})
	if p.kind == traefik.kind {
		return // it does not support health checks, and the plugin says so
	}
	t.Run("TLS", func(t *testing.T) {
		t.Parallel()
		cert, key := certificate.SelfSigned(t, "localhost")
		ca := t.TempDir() + "/ca.pem"
		write(t, ca, cert)
		pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
		if err != nil {
			t.Fatal(err)
		}
		creds := grpc.Creds(credentials.NewServerTLSFromCert(&pair))
		h := &healthTest{T: t, steady: startInstance(t, "steady", creds), fickle: startInstance(t, "fickle", creds)}
		h.run(startShared(t, p, "health_check=1s", "upstream_ca="+ca, "upstream="+h.steady.named(), "upstream="+h.fickle.named()))
	})
}

// named returns the address of the instance, with TLS, with the name in its
// certificate.
func (i *instance) named() string {
	_, port, _ := net.SplitHostPort(i.addr)
	return "https://localhost:" + port
}

type healthTest struct {
	*testing.T
	steady, fickle *instance
}

func (h *healthTest) run(conn *grpc.ClientConn) {
	h.Helper()
	h.want(conn, "steady", "fickle")
	h.fickle.serve(false)
	h.want(conn, "steady")
	h.fickle.serve(true)
	h.want(conn, "steady", "fickle")
	h.fickle.serve(false)
	h.steady.serve(false)
	h.want(conn, codes.Unavailable.String())
}

// want waits until calls reach those instances and no others, and checks that it stays
// so.
func (h *healthTest) want(conn *grpc.ClientConn, places ...string) {
	h.Helper()
	right := func(got map[string]int) bool {
		for _, place := range places {
			if got[place] == 0 {
				return false
			}
		}
		return len(got) == len(places)
	}
	proc.Wait(h, fmt.Sprintf("calls to arrive at %v", places), func() bool { return right(arrivals(h.T, conn, 20)) })
	if got := arrivals(h.T, conn, 100); !right(got) {
		h.Errorf("calls by instance: %v, want %v", got, places)
	} else {
		seen(h.T, fmt.Sprint(got))
	}
}
