// Package certificate makes certificates for tests. They are valid for an hour.
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// Authority signs certificates.
type Authority struct {
	Pool *x509.CertPool // with its own certificate

	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority returns a new Authority.
func NewAuthority(tb testing.TB) *Authority {
	tb.Helper()
	key := newKey(tb)
	template := newTemplate()
	template.IsCA, template.BasicConstraintsValid = true, true
	a := &Authority{Pool: x509.NewCertPool(), cert: sign(tb, template, template, key, key), key: key}
	a.Pool.AddCert(a.cert)
	return a
}

// Issue returns a certificate for names, of a server or a client.
func (a *Authority) Issue(tb testing.TB, names ...string) tls.Certificate {
	tb.Helper()
	key := newKey(tb)
	cert := sign(tb, newTemplate(names...), a.cert, key, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// SelfSigned returns a certificate for names, which may be addresses, and its
// key, both as PEM. Clients can trust the certificate itself.
func SelfSigned(tb testing.TB, names ...string) (cert, key string) {
	tb.Helper()
	private := newKey(tb)
	template := newTemplate(names...)
	template.IsCA, template.BasicConstraintsValid = true, true
	signed := sign(tb, template, template, private, private)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed.Raw})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// newTemplate returns a certificate for names and addresses without a signature.
func newTemplate(names ...string) *x509.Certificate {
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{Organization: []string{"gohost's tests"}}, // curl needs the issuer to have one
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return template
}

// sign returns the certificate of template and key, signed by parent.
func sign(tb testing.TB, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) *x509.Certificate {
	tb.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return cert
}
