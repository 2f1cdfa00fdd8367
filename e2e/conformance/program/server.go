package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
	"github.com/gohostrpc/gohost/gohostconnect"
)

// serve runs the server that the request from in describes, until ctx ends.
func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	req := new(pb.ServerCompatRequest)
	if err := readMessage(in, req); err != nil {
		return err
	}
	config, err := serverTLS(req)
	if err != nil {
		return err
	}
	s, err := listen(req.GetHttpVersion(), config, handler(req))
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- s.serve() }()
	res := &pb.ServerCompatResponse{Host: s.addr.Addr().String(), Port: uint32(s.addr.Port())}
	if req.GetUseTls() {
		res.PemCert = req.GetServerCreds().GetCert()
	}
	if err := writeMessage(out, res); err != nil {
		return err
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return s.close()
	}
}

// handler returns the handler of the service.
func handler(req *pb.ServerCompatRequest) http.Handler {
	server := connect.NewServer()
	pb.RegisterConformanceService(gohostconnect.NewRegistrar(server), service{})
	return withQuery(gohostconnect.NewHandler(server,
		connecthttp.WithCompressors(slices.Collect(maps.Values(compressors))...),
		connecthttp.WithReadMaxBytes(int(req.GetMessageReceiveLimit())), // 0 means no limit, for both
	))
}

// server is a server that listens.
type server struct {
	addr  netip.AddrPort
	serve func() error
	close func() error
}

// listen returns a server for that version of HTTP, with TLS unless config is nil.
func listen(version pb.HTTPVersion, config *tls.Config, h http.Handler) (*server, error) {
	const loopback = "127.0.0.1:0"
	if version == pb.HTTPVersion_HTTP_VERSION_3 {
		if config == nil {
			return nil, errors.New("HTTP/3 needs TLS")
		}
		config = http3.ConfigureTLSConfig(config)
		l, err := quic.ListenAddrEarly(loopback, config, new(quic.Config))
		if err != nil {
			return nil, err
		}
		web := &http3.Server{Handler: h, TLSConfig: config}
		return &server{l.Addr().(*net.UDPAddr).AddrPort(), func() error { return web.ServeListener(l) }, web.Close}, nil
	}
	web := &http.Server{
		Handler: h, TLSConfig: config, Protocols: new(http.Protocols),
		ErrorLog: log.New(io.Discard, "", 0), // the suite's clients disconnect
	}
	switch version {
	case pb.HTTPVersion_HTTP_VERSION_1:
		web.Protocols.SetHTTP1(true)
	case pb.HTTPVersion_HTTP_VERSION_2:
		web.Protocols.SetHTTP2(true)
		web.Protocols.SetUnencryptedHTTP2(true)
	default:
		return nil, fmt.Errorf("unknown version of HTTP: %v", version)
	}
	l, err := net.Listen("tcp", loopback)
	if err != nil {
		return nil, err
	}
	s := &server{l.Addr().(*net.TCPAddr).AddrPort(), func() error { return web.Serve(l) }, web.Close}
	if config != nil {
		s.serve = func() error { return web.ServeTLS(l, "", "") }
	}
	return s, nil
}
