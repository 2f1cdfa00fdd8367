package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
)

// serverTLS returns the configuration of a server, or nil without TLS.
func serverTLS(req *pb.ServerCompatRequest) (*tls.Config, error) {
	if !req.GetUseTls() {
		return nil, nil
	}
	config, err := withCertificate(req.GetServerCreds())
	if err != nil || req.GetClientTlsCert() == nil {
		return config, err
	}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	config.ClientCAs, err = trusted(req.GetClientTlsCert())
	return config, err
}

// clientTLS returns the configuration of a client, or nil without TLS.
func clientTLS(req *pb.ClientCompatRequest) (*tls.Config, error) {
	if req.GetServerTlsCert() == nil {
		return nil, nil
	}
	config := new(tls.Config)
	var err error
	if creds := req.GetClientTlsCreds(); creds != nil {
		if config, err = withCertificate(creds); err != nil {
			return nil, err
		}
	}
	config.RootCAs, err = trusted(req.GetServerTlsCert())
	return config, err
}

func withCertificate(creds *pb.TLSCreds) (*tls.Config, error) {
	cert, err := tls.X509KeyPair(creds.GetCert(), creds.GetKey())
	return &tls.Config{Certificates: []tls.Certificate{cert}}, err
}

func trusted(cert []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(cert) {
		return nil, errors.New("the PEM data has no certificate")
	}
	return pool, nil
}
