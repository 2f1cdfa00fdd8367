package drain

import (
	"context"
	"errors"
	"net"
	"net/http"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/await"
)

// HTTP ends an [http.Server] as a [Server] ends: for services that are served by
// net/http, as package gohostconnect does. It is made by [NewHTTP]. The calls that it
// ends are those that go through its interceptors, Unary and Stream:
//
//	ending := drain.NewHTTP(drain.Options{Grace: 10 * time.Second})
//	registrar := gohostconnect.NewRegistrar(server,
//		gohostconnect.UnaryInterceptors(ending.Unary), gohostconnect.StreamInterceptors(ending.Stream))
//	err := ending.Serve(ctx, &http.Server{Handler: gohostconnect.NewHandler(server)}, listener)
type HTTP struct{ calls calls }

// NewHTTP returns an HTTP that ends calls as opts say.
func NewHTTP(opts Options) *HTTP { return &HTTP{calls{opts: opts.withDefaults()}} }

// Unary is a server's interceptor: the outermost one.
func (h *HTTP) Unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	return h.calls.unary(ctx, req, info, handler)
}

// Stream is a server's interceptor: the outermost one.
func (h *HTTP) Stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return h.calls.stream(srv, ss, info, handler)
}

// Serve serves by server, over TLS if it has a TLSConfig, until ctx ends. Then it ends
// the server in good order, and returns nil: as [Server.Serve] does, except that
// net/http does not tell when clients have heard of the end. They are given a moment.
// What server does beside the calls of h, requests for files and so on, it ends by
// itself within the same time, or it is cut off. If the listener fails before, Serve returns
// its error, and calls that are open go on.
func (h *HTTP) Serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		h.end(server)
	})
	serve := server.Serve
	if server.TLSConfig != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	err := serve(listener)
	if stop() {
		if errors.Is(err, http.ErrServerClosed) {
			return nil // by somebody else
		}
		return err
	}
	<-ended
	return nil
}

// end ends the server.
func (h *HTTP) end(server *http.Server) {
	h.calls.opts.announce()
	graceful := make(chan struct{})
	go func() {
		defer close(graceful)
		_ = server.Shutdown(context.Background()) // an error of closing a listener
	}()
	// GOAWAY goes out meanwhile. Without it, clients would come back here.
	if await.Within(graceful, goAwayWithin) {
		return
	}
	if h.calls.end(graceful) {
		return
	}
	_ = server.Close()
	await.Within(graceful, stopWithin)
}
