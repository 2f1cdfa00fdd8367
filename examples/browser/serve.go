package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/examples/internal/hub"
)

// serve serves until ctx ends, and then ends the server in an orderly way.
func serve(ctx context.Context, o *options) error {
	config, err := o.tls()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // of the hub, if the server fails
	h := hub.New(o.log)
	go h.Tick(ctx, o.tick)
	ending := drain.NewHTTP(drain.Options{Grace: o.grace})
	handler, err := newHandler(hub.Server{Interval: time.Second, Hub: h, Log: o.log}, ending, o.cors)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	scheme := "http"
	if config != nil {
		scheme = "https"
	}
	o.log.Printf("open %s://%s", scheme, listener.Addr())
	return ending.Serve(ctx, &http.Server{
		Handler:           handler,
		Protocols:         protocols(),
		TLSConfig:         config,
		ErrorLog:          o.log,
		ReadHeaderTimeout: 10 * time.Second, // of a request: streams have no limit
	}, listener)
}

// tls returns the configuration of a server with TLS, or nil.
func (o *options) tls() (*tls.Config, error) {
	if o.cert == "" && o.key == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, fmt.Errorf("certificate of the server: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}, nil
}

// protocols returns the protocols of the port. gRPC stubs use HTTP/2, even without TLS.
// Browsers use it only over TLS.
func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	return p
}
