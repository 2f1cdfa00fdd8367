package gohostconnect

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Transport carries the calls of [NewConn] to their server. It is a [connect.Transport],
// also for clients of connect's own generated code. [NewTransport] and
// [Registrar.InProcess] make it.
type Transport struct {
	plain  connect.Transport
	tuned  connect.Transport // for calls with their own options; nil within a process
	secure bool              // the server's certificate identifies it
	uri    string            // of the server, without a path

	kinds map[string]connect.StreamType // within a process: what is served
}

// NewTransport returns a transport that calls the server at baseURL over HTTP, like
// connecthttp.NewTransport. It uses the Connect protocol unless opts have
// connecthttp.WithGRPC or WithGRPCWeb, and protobuf unless they have WithProtoJSON.
//
// Bidirectional streams and gRPC need HTTP/2. An http.Client has it over https. Over
// http, the http.Protocols of both server and client must name UnencryptedHTTP2. A
// client with a Timeout cuts streams off.
func NewTransport(client connecthttp.HTTPClient, baseURL string, opts ...connecthttp.Option) *Transport {
	client = watchingClient{client}
	tuned := append([]connecthttp.Option{}, opts...)
	tuned = append(tuned, connecthttp.WithConditionalOptions(func(spec connect.Spec) []connecthttp.Option {
		if t, ok := spec.Schema.(optioned); ok {
			return t.options()
		}
		return nil
	}))
	t := &Transport{
		plain: connecthttp.NewTransport(client, baseURL, opts...),
		tuned: connecthttp.NewTransport(client, baseURL, tuned...),
	}
	if u, err := url.Parse(baseURL); err == nil { // otherwise each call fails
		t.secure = u.Scheme == "https"
		t.uri = u.Scheme + "://" + u.Host
	}
	return t
}

// NewClientStream implements [connect.Transport].
func (t *Transport) NewClientStream(ctx context.Context, spec connect.Spec) (connect.ClientStream, error) {
	if t.kinds != nil {
		return t.newLocalStream(ctx, spec)
	}
	if call := callerOf(ctx); call != nil {
		ctx = newUnendingContext(ctx, call)
	}
	if _, ok := spec.Schema.(optioned); ok {
		return t.tuned.NewClientStream(ctx, spec)
	}
	return t.plain.NewClientStream(ctx, spec)
}

// watchingClient tells calls about their responses as soon as these begin.
type watchingClient struct{ connecthttp.HTTPClient }

// Do sends a request of connect.
func (c watchingClient) Do(req *http.Request) (*http.Response, error) {
	call := callerOf(req.Context())
	if call == nil {
		return c.HTTPClient.Do(req)
	}
	call.requested.Store(true)
	req = req.WithContext(realContextOf(req.Context()))
	var local, remote net.Addr
	trace := new(httptrace.ClientTrace)
	if call.opts.peers != nil {
		trace.GotConn = func(i httptrace.GotConnInfo) { local, remote = i.Conn.LocalAddr(), i.Conn.RemoteAddr() }
	}
	ctx := req.Context()
	var isHTTP1 atomic.Bool
	if call.spec.StreamType == connect.StreamTypeBidi {
		// A proxy may hold back the response until the requests have ended, perhaps
		// forever. The call does not wait for it: only HTTP/1 has a Host.
		var leave context.CancelFunc
		ctx, leave = context.WithCancel(ctx)
		trace.WroteHeaderField = func(key string, _ []string) {
			if key == "Host" {
				isHTTP1.Store(true)
				leave()
			}
		}
	}
	if trace.GotConn != nil || trace.WroteHeaderField != nil {
		req = req.WithContext(httptrace.WithClientTrace(ctx, trace))
	}
	// While net/http waits for more to send, it may not check the context. Closing
	// what it reads from is not a half-close.
	context.AfterFunc(req.Context(), func() { _ = req.Body.Close() })
	res, err := c.HTTPClient.Do(req)
	if isHTTP1.Load() {
		if err == nil {
			_ = res.Body.Close() // the server has refused it
		}
		err = connect.Errorf(connect.CodeUnimplemented, "%s is bidirectional, which needs HTTP/2, and only HTTP/1.1 is spoken with %s",
			call.spec.Procedure, call.conn.transport.uri)
	}
	if err != nil {
		call.headerArrived(nil)
		return nil, err
	}
	watchResponse(req.Context(), res)
	call.peerKnown(local, remote, res.TLS)
	if call.spec.StreamType != connect.StreamTypeUnary { // otherwise everything comes together
		call.headerArrived(headerOf(res))
	}
	return res, nil
}

// headerOf returns the header of a stream in gRPC's sense. A stream that fails without
// messages has none: nil.
func headerOf(res *http.Response) metadata.MD {
	content := res.Header.Get("Content-Type")
	framed := strings.HasPrefix(content, "application/grpc") || strings.HasPrefix(content, "application/connect+")
	if res.StatusCode != http.StatusOK || !framed {
		return nil
	}
	// A header with the status is a trailer. Servers of gRPC-Web combine both.
	if res.Header.Get("Grpc-Status") != "" && !strings.HasPrefix(content, "application/grpc-web") {
		return nil
	}
	return metadataOfHTTP(res.Header)
}

// errOption returns the error of a call with an option that is not available here.
func errOption(method, format string, args ...any) error {
	return status.Errorf(codes.Unimplemented, "gohostconnect: %s: "+format, append([]any{method}, args...)...)
}
