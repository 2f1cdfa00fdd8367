package peers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc/credentials"
)

// certificate is one for loopback and for the hosts of the samples, in files
// that every language can read. It signs itself.
type certificate struct{ cert, key string }

func newCertificate(t *testing.T) *certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		DNSNames:              []string{"localhost", "square.example", "feed.example", "bulk.feed.example"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &certificate{
		cert: writePEM(t, "cert.pem", &pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		key:  writePEM(t, "key.pem", &pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
	}
}

func writePEM(t *testing.T, name string, block *pem.Block) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
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
