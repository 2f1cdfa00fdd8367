package program

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/gohostrpc/gohost/internal/certificate"
)

// writeCertificate writes name.cert and name.key: a self-signed certificate for host
// and for the address that is dialed.
func writeCertificate(t *testing.T, dir, name, host string) {
	t.Helper()
	cert, key := certificate.SelfSigned(t, host, "127.0.0.1")
	for file, text := range map[string]string{name + ".cert": cert, name + ".key": key} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// closedPort returns an address on which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // it has served
	return listener.Addr().String()
}
