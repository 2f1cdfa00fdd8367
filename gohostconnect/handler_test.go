package gohostconnect_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// hiding hides the optional methods of the server's writer.
type hiding struct{ http.ResponseWriter }

// showing gives access to them.
type showing struct{ http.ResponseWriter }

func (s showing) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Middleware may wrap the writer, if the handler can still reach it.
func TestMiddleware(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wrap func(http.ResponseWriter) http.ResponseWriter
		want codes.Code
	}{
		"that hides": {func(w http.ResponseWriter) http.ResponseWriter { return hiding{w} }, codes.Internal},
		"that shows": {func(w http.ResponseWriter) http.ResponseWriter { return showing{showing{w}} }, codes.OK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := connect.NewServer()
			squares.RegisterSquareService(gohostconnect.NewRegistrar(server), squarer)
			handler := gohostconnect.NewHandler(server)
			web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handler.ServeHTTP(test.wrap(w), r)
			}))
			web.EnableHTTP2 = true
			web.StartTLS()
			t.Cleanup(web.Close)
			for _, w := range wires {
				if w.major != 2 {
					continue
				}
				conn := gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL, w.protocol...))
				_, err := squares.NewSquareServiceStub(conn).SumSquare(within(t), stream.Of(num(1)))
				wantCode(t, err, test.want)
				if err != nil && !strings.Contains(err.Error(), "a middleware hides the server's http.ResponseWriter") {
					t.Errorf("%s: %v", w.name, err)
				}
			}
		})
	}
}

// A service that is mounted with connect's own function says what to do
// instead.
func TestMountedByConnect(t *testing.T) {
	t.Parallel()
	server := connect.NewServer()
	squares.RegisterSquareService(gohostconnect.NewRegistrar(server), squarer)
	mux := http.NewServeMux()
	connecthttp.Mount(mux, server)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	conn := gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL))
	_, err := squares.NewSquareServiceStub(conn).Square(within(t), num(1))
	wantCode(t, err, codes.Internal)
	if !strings.Contains(status.Convert(err).Message(), "gohostconnect.NewHandler") {
		t.Error(err)
	}
}

// A bidirectional call over HTTP/1.1 immediately gets an error that names it, in each
// protocol.
func TestBidiOverHTTP1(t *testing.T) {
	t.Parallel()
	w := wires[1]
	s := w.serve(t, registering(squarer))
	const path = "/squarerpc_service.SquareService/streamrangeSquare"
	for content, want := range map[string]string{
		"application/connect+json": `"code":"unimplemented","message":"` + path + ` is bidirectional, which HTTP/1.1 does not support: call it over HTTP/2"`,
		"application/json":         path + ` is bidirectional`,
		"application/grpc-web":     "grpc-message", // percent-encoded
		"text/plain":               path + ` is bidirectional`,
	} {
		t.Run(content, func(t *testing.T) {
			t.Parallel()
			body, silent := io.Pipe() // the client says nothing
			defer func() { _ = silent.Close() }()
			req, err := http.NewRequestWithContext(within(t), http.MethodPost, s.web.URL+path, body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", content)
			res, err := s.web.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			if err != nil {
				t.Error(err)
			}
			_ = res.Body.Close()
			text := string(got)
			for key := range res.Header {
				text += strings.ToLower(key) + "\n"
			}
			if !strings.Contains(text, want) {
				t.Errorf("the answer is %d %q %v, want %q", res.StatusCode, got, res.Header, want)
			}
		})
	}
}

// A server says what it does not have.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := w.serve(t, registering(squarer))
			for _, method := range []string{"/squarerpc_service.SquareService/none", "/none.None/None"} {
				err := s.conn.Invoke(within(t), method, num(1), num(0))
				wantCode(t, err, codes.Unimplemented)
				opened, err := s.conn.NewStream(within(t), &squares.SquareServiceDesc.Streams[0], method)
				if err == nil {
					_ = opened.SendMsg(num(1))
					_ = opened.CloseSend()
					err = opened.RecvMsg(num(0))
				}
				wantCode(t, err, codes.Unimplemented)
			}
		})
	}
}

// A missing server is Unavailable, and an expired deadline is DeadlineExceeded.
func TestNoServer(t *testing.T) {
	t.Parallel()
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		s := w.serve(t, registering(squarer))
		over, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		wantCode(t, call(over, s), codes.DeadlineExceeded)
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		wantCode(t, call(canceled, s), codes.Canceled)
		if w.major > 0 {
			s.web.Close()
			wantCode(t, call(within(t), s), codes.Unavailable)
		}
	})
}

// A bidirectional call over HTTP/1.1 does not wait for a proxy that holds back
// the response until it has all requests.
func TestBidiOverHTTP1ToASilentServer(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	t.Cleanup(web.Close)
	for _, w := range wires {
		if w.major != 1 {
			continue
		}
		conn := gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL, w.protocol...))
		_, err := numbers(squares.NewSquareServiceStub(conn).StreamrangeSquare(within(t), func(yield func(*msg, error) bool) {
			for yield(num(1), nil) {
			}
		}))
		wantCode(t, err, codes.Unimplemented)
	}
}
