package peers

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc/credentials"

	selfsigned "github.com/gohostrpc/gohost/internal/certificate"
)

// certificate is one for loopback and for the hosts of the samples, in files
// that every language can read. It signs itself.
type certificate struct{ cert, key string }

func newCertificate(t *testing.T) *certificate {
	t.Helper()
	cert, key := selfsigned.SelfSigned(t, "localhost", "127.0.0.1", "square.example", "feed.example", "bulk.feed.example")
	return &certificate{cert: write(t, "cert.pem", cert), key: write(t, "key.pem", key)}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (c *certificate) server(t *testing.T) credentials.TransportCredentials {
	t.Helper()
	creds, err := credentials.NewServerTLSFromFile(c.cert, c.key)
	if err != nil {
		t.Fatal(err)
	}
	return creds
}

func (c *certificate) client(t *testing.T) credentials.TransportCredentials {
	t.Helper()
	creds, err := credentials.NewClientTLSFromFile(c.cert, "")
	if err != nil {
		t.Fatal(err)
	}
	return creds
}
