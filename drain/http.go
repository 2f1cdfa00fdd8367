package drain

import (
	"context"
	"errors"
	"net"
	"net/http"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/await"
)

// HTTP ends an [http.Server] like a [Server]. It is for services that net/http serves,
// as with package [github.com/gohostrpc/gohost/gohostconnect]. [NewHTTP] makes it. It
// ends the calls that go through its interceptors, Unary and Stream:
//
//	ending := drain.NewHTTP(drain.Options{Grace: 10 * time.Second})
//	registrar := gohostconnect.NewRegistrar(server,
//		gohostconnect.UnaryInterceptors(ending.Unary), gohostconnect.StreamInterceptors(ending.Stream))
//	err := ending.Serve(ctx, &http.Server{Handler: gohostconnect.NewHandler(server)}, listener)
type HTTP struct{ calls calls }

// NewHTTP returns an HTTP that ends calls according to opts.
func NewHTTP(opts Options) *HTTP { return &HTTP{calls{opts: opts.withDefaults()}} }

// Unary is the interceptor of unary calls. It must be the first one of the server.
func (h *HTTP) Unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	return h.calls.unary(ctx, req, info, handler)
}

// Stream is the interceptor of streams. It must be the first one of the server.
func (h *HTTP) Stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return h.calls.stream(srv, ss, info, handler)
}

// Serve serves with server, over TLS if server has a TLSConfig, until ctx ends. Then it
// ends the server in an orderly way, like [Server.Serve], and returns nil. But net/http
// does not report when clients have learned of the end, so they are given 250
// milliseconds. Other requests to server, for files and so on, must end by themselves
// within the same time, or they are cut off. Serve closes the listener. If the listener
// fails before, Serve returns its error, and open calls continue.
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
			return nil // other code has ended the server
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
		_ = server.Shutdown(context.Background()) // an error when closing a listener
	}()
	// GOAWAY is sent meanwhile. Without it, clients would come back here.
	if await.Within(graceful, goAwayWithin) {
		return
	}
	if h.calls.end(graceful) {
		return
	}
	_ = server.Close()
	await.Within(graceful, stopWithin)
}
