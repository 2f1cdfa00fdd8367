package gohostconnect

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
)

// wire is the HTTP request and response that carry a call.
type wire struct {
	*http.ResponseController
	server http.ResponseWriter // the server's own, without middleware's wrappers
	http2  bool
	early  bool        // HTTP/1.1, and the answer may come before the request is complete
	lost   atomic.Bool // the client or the connection has gone
}

// wireOf returns the wire of a request, or false if it cannot interrupt reads
// and writes.
func wireOf(w http.ResponseWriter, r *http.Request) (*wire, bool) {
	server := w
	for {
		outer, ok := server.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		server = outer.Unwrap()
	}
	_, ok := server.(interface{ SetReadDeadline(time.Time) error })
	return &wire{ResponseController: http.NewResponseController(w), server: server, http2: r.ProtoMajor > 1}, ok
}

// request is the body of a request. It notices when its client has gone.
type request struct {
	io.ReadCloser
	wire *wire
}

func (r request) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	var tooLarge *http.MaxBytesError
	if err != nil && err != io.EOF && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.As(err, &tooLarge) {
		r.wire.lost.Store(true)
	}
	return n, err
}

// letAnswerEarly allows the answer to a call over HTTP/1.1 while its client still sends.
// The call must then read all requests, or call leaveRest.
func (w *wire) letAnswerEarly() {
	if !w.http2 {
		w.early = w.EnableFullDuplex() == nil
	}
}

// leaveRest says that the rest of the request is not read, so that net/http
// does not wait for it, and closes the connection after the answer. Otherwise
// the rest would be read as another request.
func (w *wire) leaveRest() {
	if !w.early {
		return // net/http handles it
	}
	_ = w.SetReadDeadline(longAgo) // wireOf has seen that it can
	w.closeBehind()
}

// closeBehind closes a connection of HTTP/1.1 after the answer. This is necessary if
// reading was interrupted: net/http may have had the whole request and been waiting for
// the next. It would end the contexts of all later ones.
func (w *wire) closeBehind() {
	// A MaxBytesReader that has reached its limit says so to the server's own writer.
	_, _ = http.MaxBytesReader(w.server, io.NopCloser(strings.NewReader("rest")), 0).Read(make([]byte, 1))
}

// wireKey is the key of a wire in the context of a request.
type wireKey struct{}

// NewHandler returns a handler that serves all methods of server in every protocol of
// package connecthttp, including those of connect's own generated code. Handlers of
// streams need three things that connecthttp.Mount does not have: a deadline wakes a
// handler that waits for its client; an answer can come before the client has sent
// everything, also over HTTP/1.1; and a bidirectional call over HTTP/1.1 gets an error
// that says that it needs HTTP/2.
//
// opts are those of connecthttp.Mount. The handler answers unknown paths with 404. For
// streams and gRPC, use it in a server that speaks HTTP/2; without TLS see
// http.Protocols.SetUnencryptedHTTP2.
func NewHandler(server *connect.Server, opts ...connecthttp.Option) http.Handler {
	mux := http.NewServeMux()
	connecthttp.Mount(mux, server, opts...)
	kinds := make(map[string]connect.StreamType)
	for spec := range server.Specs() {
		kinds[spec.Procedure] = spec.StreamType
	}
	writer := connecthttp.NewErrorWriter(opts...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wire, ok := wireOf(w, r)
		if !ok {
			refuse(writer, w, r, connect.Errorf(connect.CodeInternal, "a middleware hides the server's http.ResponseWriter: give the middleware's writer an Unwrap method, as http.ResponseController requires"))
			return
		}
		if err := noHTTP1(kinds, r); err != nil && !wire.http2 {
			w.Header().Set("Connection", "close") // the client may wait for answers before it sends more
			refuse(writer, w, r, err)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), wireKey{}, wire))
		r.Body = request{r.Body, wire}
		mux.ServeHTTP(w, r)
	})
}

// noHTTP1 returns the reason why a call is not possible over HTTP/1.1, or nil.
// connect's own handlers treat each unknown method as bidirectional, and give
// no reason.
func noHTTP1(kinds map[string]connect.StreamType, r *http.Request) *connect.Error {
	kind, known := kinds[r.URL.Path]
	content := r.Header.Get("Content-Type")
	switch {
	case known && kind == connect.StreamTypeBidi:
		return connect.Errorf(connect.CodeUnimplemented, "%s is bidirectional, which %s does not support: call it over HTTP/2", r.URL.Path, r.Proto)
	case !known && (strings.HasPrefix(content, "application/grpc") || strings.HasPrefix(content, "application/connect+")):
		return connect.Errorf(connect.CodeUnimplemented, "unknown method %s", r.URL.Path)
	}
	return nil
}

// refuse answers a call with err, in its own protocol if that is known.
func refuse(writer *connecthttp.ErrorWriter, w http.ResponseWriter, r *http.Request, err *connect.Error) {
	if writer.IsSupported(r) {
		_ = writer.Write(w, r, err) // the client has gone
	} else {
		http.Error(w, err.Error(), http.StatusNotImplemented)
	}
}
