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

// wire is what a call is carried by.
type wire struct {
	*http.ResponseController
	server http.ResponseWriter // its own, without what middleware has put around it
	http2  bool
	early  bool        // HTTP/1.1, and the answer may come before the request is complete
	lost   atomic.Bool // the client has gone, or the connection
}

// wireOf returns the wire of a request, or false where it cannot wake what
// waits for it.
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

// request is the body of a request, which finds out that its client has gone.
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

// letAnswerEarly lets a call of HTTP/1.1 be answered while its client still sends. It
// must read all requests then, or leave the rest.
func (w *wire) letAnswerEarly() {
	if !w.http2 {
		w.early = w.EnableFullDuplex() == nil
	}
}

// leaveRest says that the rest of the request is not read, for which net/http
// would wait, and that the connection is closed behind the answer. Else the rest
// would be taken for another request.
func (w *wire) leaveRest() {
	if !w.early {
		return // net/http sees to it
	}
	_ = w.SetReadDeadline(longAgo) // wireOf has seen that it can
	w.closeBehind()
}

// closeBehind closes a connection of HTTP/1.1 behind the answer. It must be, where
// reading has been interrupted: net/http may have had all of the request, and been
// waiting for the next. It ends the context of all that come then.
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
			refuse(writer, w, r, connect.Errorf(connect.CodeInternal, "a middleware hides the server's http.ResponseWriter: give its own an Unwrap method, as http.ResponseController requires"))
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

// noHTTP1 returns why a call is not possible over HTTP/1.1, or nil. connect's own
// handlers treat each unknown method as bidirectional, and give no reason.
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

// refuse answers a call by err, in its own protocol if that can be told.
func refuse(writer *connecthttp.ErrorWriter, w http.ResponseWriter, r *http.Request, err *connect.Error) {
	if writer.IsSupported(r) {
		_ = writer.Write(w, r, err) // the client has gone
	} else {
		http.Error(w, err.Error(), http.StatusNotImplemented)
	}
}
