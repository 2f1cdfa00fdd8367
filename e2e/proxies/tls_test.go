package proxies

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/certificate"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// certified are the names in the proxy's certificate. The first is the proxy's own.
var certified = []string{"proxy.example", "square.example", "feed.example", "*.feed.example"}

// writeCertificate writes a self-signed certificate: cert.pem also has the key, as
// HAProxy requires, and key.pem only the key.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	cert, key := certificate.SelfSigned(t, certified...)
	write(t, filepath.Join(dir, "key.pem"), key)
	write(t, filepath.Join(dir, "cert.pem"), cert+key)
}

// roots returns a pool with the certificate of the proxy.
func (w *world) roots(t *testing.T) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatal("no certificate in cert.pem")
	}
	return pool
}

// testTLS makes calls over TLS, which the proxy terminates.
func testTLS(t *testing.T, w *world) {
	t.Helper()
	c := newClient(w, w.dialTLS(t, credentials.NewTLS(&tls.Config{RootCAs: w.roots(t)})))
	t.Run("covered", func(t *testing.T) {
		checkTLS(t, c.square)
		var r reached
		_, err := c.feed.With(r.option()).Len(brief(t), &feed.SubRequest{}) // a wildcard covers its host
		checkCode(t, "Len", err, codes.OK)
		r.check(t, "bulk.feed.example", "bulk")
	})
	t.Run("not covered", func(t *testing.T) {
		_, err := c.other.Square(brief(t), &squares.Message{})
		seen(t, fmt.Sprint(err))
		checkCode(t, "Square", err, codes.Unavailable)
		if err == nil || !strings.Contains(err.Error(), "other.example") {
			t.Errorf("%v: the error does not name the host", err)
		}
		if err == nil || !strings.Contains(err.Error(), "gohost.Credentials") {
			t.Errorf("%v: the error does not say what to do", err)
		}
		checkTLS(t, c.square)
	})
	t.Run("not covered, but allowed", func(t *testing.T) {
		creds, err := gohost.Credentials(credentials.NewTLS(&tls.Config{RootCAs: w.roots(t)}), gohost.AlsoAccept("other.example"))
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(w, w.dialTLS(t, creds))
		var r reached
		checkTLS(t, c.other.With(r.option()))
		r.check(t, "other.example", "other")
		checkTLS(t, c.square)
	})
}

// checkTLS makes a call of each kind.
func checkTLS(t *testing.T, stub squares.SquareServiceStub) {
	t.Helper()
	_, err := stub.Square(brief(t), &squares.Message{})
	checkCode(t, "Square", err, codes.OK)
	checkSquares(t, stub.RangeSquare(brief(t), &squares.Message{Message: 10}), 10)
	_, err = stub.SumSquare(brief(t), count(10))
	checkCode(t, "SumSquare", err, codes.OK)
	checkSquares(t, stub.StreamrangeSquare(brief(t), count(10)), 10)
}
