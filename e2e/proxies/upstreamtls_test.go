package proxies

import (
	"crypto/tls"
	"net"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

func TestUpstreamTLSTraefik(t *testing.T) { t.Parallel(); testUpstreamTLS(t, generatedTraefik) }
func TestUpstreamTLSNginx(t *testing.T)   { t.Parallel(); testUpstreamTLS(t, generatedNginx) }
func TestUpstreamTLSHAProxy(t *testing.T) { t.Parallel(); testUpstreamTLS(t, generatedHAProxy) }
func TestUpstreamTLSCaddy(t *testing.T)   { t.Parallel(); testUpstreamTLS(t, generatedCaddy) }

// testUpstreamTLS calls backends with TLS: one with the certificate that the proxy
// requires, one with an untrusted one, and one with a certificate for another name.
func testUpstreamTLS(t *testing.T, p *proxy) {
	t.Helper()
	cert, key := certificate.SelfSigned(t, "localhost")
	stranger, strangerKey := certificate.SelfSigned(t, "localhost")
	misnamed, misnamedKey := certificate.SelfSigned(t, "other.internal")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, cert+misnamed)

	conn := dial(t, startRoutes(t, p, []string{
		"upstream_ca=" + ca,
		"upstream.squarerpc_service.SquareService=" + startTLS(t, cert, key),
		"upstream.feed.RedisStream=" + startTLS(t, stranger, strangerKey),
		"upstream.other.Other=" + startTLS(t, misnamed, misnamedKey),
	}, "../../testdata", "squares/square.proto", "feed/feed.proto", "other.proto"),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	for host, want := range map[string][]codes.Code{
		"square.example": {codes.Aborted},
		"feed.example":   {codes.Unavailable, codes.Unknown}, // HTTP status 502 or 503, of Traefik 500
		"other.example":  {codes.Unavailable, codes.Unknown},
	} {
		err := conn.Invoke(brief(t), "/any.Service/Method", new(emptypb.Empty), new(emptypb.Empty), gohost.Host(host))
		checkCode(t, host, err, want...)
		seen(t, host+": "+err.Error())
	}
}

// startTLS starts a backend with TLS, and returns its address as an upstream.
func startTLS(t *testing.T, cert, key string) string {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	addr := routecases.Start(t, "reached", grpc.Creds(credentials.NewServerTLSFromCert(&pair)))
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return "https://localhost:" + port
}
