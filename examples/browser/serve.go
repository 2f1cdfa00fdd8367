package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/gohostrpc/gohost/examples/internal/hub"
)

// serve serves until ctx ends, and then ends the server in good order.
func serve(ctx context.Context, o *options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // where the server fails before
	h := hub.New(o.log)
	go h.Tick(ctx, o.tick)
	handler, err := newHandler(hub.Server{Interval: time.Second, Hub: h, Log: o.log}, o.cors)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handler,
		Protocols:         protocols(),
		ErrorLog:          o.log,
		ReadHeaderTimeout: 10 * time.Second, // of a request: streams have no limit
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		ended <- end(server, h, o.grace)
	}()
	if o.cert != "" || o.key != "" {
		o.log.Printf("open https://%s", listener.Addr())
		err = server.ServeTLS(listener, o.cert, o.key)
	} else {
		o.log.Printf("open http://%s", listener.Addr())
		err = server.Serve(listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		_ = listener.Close() // ServeTLS does not, where it finds no certificate
		return err
	}
	return <-ended
}

// protocols are those of the one port. Stubs of gRPC speak HTTP/2, without TLS too;
// browsers do so over TLS only.
func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// end ends the visits and the server. Calls that go on after the grace are cut off.
func end(server *http.Server, h *hub.Hub, grace time.Duration) error {
	h.Close()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}
