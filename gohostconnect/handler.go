package gohostconnect

import (
	"context"
	"net/http"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc/codes"
)

// wire is what a call is carried by.
type wire struct {
	*http.ResponseController
	duplex bool // it can end in one direction alone: HTTP/2
}

// wireKey is the key of a wire in the context of a request.
type wireKey struct{}

// NewHandler returns a handler that serves all methods of server, those of connect's
// own generated code included, in every protocol of package connecthttp. It has
// what a handler of streams needs, and connecthttp.Mount has not: a deadline
// wakes a handler that waits for its client, an answer can come before the client has sent
// everything over HTTP/1.1 too, and a bidirectional call over HTTP/1.1 is told
// that it cannot be had.
//
// opts are those of connecthttp.Mount. The handler answers paths that server
// does not have with 404. It is for a server that speaks HTTP/2 where streams
// and gRPC are wanted; without TLS see http.Protocols.SetUnencryptedHTTP2.
func NewHandler(server *connect.Server, opts ...connecthttp.Option) http.Handler {
	mux := http.NewServeMux()
	connecthttp.Mount(mux, server, opts...)
	bidi := make(map[string]bool)
	for spec := range server.Specs() {
		bidi[spec.Procedure] = spec.StreamType == connect.StreamTypeBidi
	}
	errors := connecthttp.NewErrorWriter(opts...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wire := &wire{http.NewResponseController(w), r.ProtoMajor > 1}
		if !wire.duplex {
			if bidi[r.URL.Path] {
				refuseBidi(errors, w, r)
				return
			}
			_ = wire.EnableFullDuplex() // any HTTP/1.1 server of Go can
		}
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), wireKey{}, wire)))
	})
}

// refuseBidi answers a bidirectional call over HTTP/1.1, in its own protocol
// if that can be told.
func refuseBidi(errors *connecthttp.ErrorWriter, w http.ResponseWriter, r *http.Request) {
	// The client may be waiting for answers before it sends more.
	w.Header().Set("Connection", "close")
	if !errors.IsSupported(r) {
		w.WriteHeader(http.StatusHTTPVersionNotSupported)
		return
	}
	err := connect.Errorf(connect.Code(codes.Unimplemented), "%s is bidirectional, which %s cannot be: call it over HTTP/2", r.URL.Path, r.Proto)
	_ = errors.Write(w, r, err) // the client has gone
}
