package samples

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc/credentials"

	selfsigned "github.com/gohostrpc/gohost/internal/certificate"
)

// Certificate is a self-signed certificate for loopback and for the hosts of the
// samples, in files that every language can read.
type Certificate struct{ Cert, Key string }

// NewCertificate returns a new certificate.
func NewCertificate(t *testing.T) *Certificate {
	t.Helper()
	cert, key := selfsigned.SelfSigned(t, "localhost", "127.0.0.1", "square.example", "feed.example", "bulk.feed.example")
	return &Certificate{Cert: write(t, "cert.pem", cert), Key: write(t, "key.pem", key)}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Server returns the credentials of a server.
func (c *Certificate) Server(t *testing.T) credentials.TransportCredentials {
	t.Helper()
	creds, err := credentials.NewServerTLSFromFile(c.Cert, c.Key)
	if err != nil {
		t.Fatal(err)
	}
	return creds
}

// Client returns the credentials of a client.
func (c *Certificate) Client(t *testing.T) credentials.TransportCredentials {
	t.Helper()
	creds, err := credentials.NewClientTLSFromFile(c.Cert, "")
	if err != nil {
		t.Fatal(err)
	}
	return creds
}
