package wires

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect/v2"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// esServer is the server for the clients of connect-es in node/cases.js. It also tells
// them how the handler of a case has ended.
type esServer struct {
	mu    sync.Mutex
	calls map[string]*esCall
}

// esCall is a call of a case.
type esCall struct {
	begun, ended chan struct{}
	how          string // set when it has ended
}

// handler returns the handler of the cases.
func (s *esServer) handler() http.Handler {
	server := connect.NewServer()
	squares.RegisterSquareService(gohostconnect.NewRegistrar(server), esSquares{s})
	mux := http.NewServeMux()
	mux.Handle("/", gohostconnect.NewHandler(server))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>cases</title>")
	})
	mux.HandleFunc("GET /now", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.call(r.FormValue("case")).ended:
			fmt.Fprint(w, "it has ended")
		default:
			fmt.Fprint(w, "it goes on")
		}
	})
	for what, wait := range map[string]func(*esCall) <-chan struct{}{
		"begun": func(c *esCall) <-chan struct{} { return c.begun },
		"ended": func(c *esCall) <-chan struct{} { return c.ended },
	} {
		mux.HandleFunc("GET /"+what, func(w http.ResponseWriter, r *http.Request) {
			c := s.call(r.FormValue("case"))
			select {
			case <-wait(c):
				if what == "ended" {
					fmt.Fprint(w, c.how)
				}
			case <-r.Context().Done():
			}
		})
	}
	return mux
}

// serve serves the cases at a URL, with or without TLS.
func (s *esServer) serve(t *testing.T, overTLS bool) string {
	t.Helper()
	web := httptest.NewUnstartedServer(s.handler())
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // a browser that does not trust it retries
	web.Config.Protocols = new(http.Protocols)
	web.Config.Protocols.SetHTTP1(true)
	web.Config.Protocols.SetHTTP2(true)
	web.Config.Protocols.SetUnencryptedHTTP2(true)
	if overTLS {
		web.EnableHTTP2 = true
		web.StartTLS()
	} else {
		web.Start()
	}
	t.Cleanup(web.Close)
	return web.URL
}

// call returns the call of a case.
func (s *esServer) call(name string) *esCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[name]
	if c == nil {
		c = &esCall{begun: make(chan struct{}), ended: make(chan struct{})}
		if s.calls == nil {
			s.calls = make(map[string]*esCall)
		}
		s.calls[name] = c
	}
	return c
}

// begin records that a handler has begun, and sends back the words of the metadata. It
// returns a function that records the end: with the error of the requests, or of the
// context.
func (s *esServer) begin(ctx context.Context) (end func(error)) {
	md, _ := metadata.FromIncomingContext(ctx)
	c := s.call(strings.Join(md.Get("case"), ""))
	for _, name := range []string{"word", "word-bin"} {
		_ = grpc.SetHeader(ctx, metadata.Pairs("header-"+name, strings.Join(md.Get(name), "")))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("trailer-"+name, strings.Join(md.Get(name), "")))
	}
	_ = grpc.SetHeader(ctx, metadata.Pairs("header-host", strings.Join(md.Get(":authority"), "")))
	close(c.begun)
	return func(err error) {
		if err == nil {
			err = status.FromContextError(ctx.Err()).Err()
		}
		c.how = status.Code(err).String()
		if _, ok := ctx.Deadline(); ok {
			c.how += " within a deadline"
		}
		close(c.ended)
	}
}

// esSquares implements the service. A request of 0 is not answered, or ends a stream of
// requests early. A negative one is an error.
type esSquares struct{ *esServer }

type (
	esMessage  = squares.Message
	esMessages = iter.Seq2[*esMessage, error]
)

func (s esSquares) Square(ctx context.Context, req *esMessage) (*esMessage, error) {
	end := s.begin(ctx)
	defer func() { end(nil) }()
	if req.GetMessage() == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return esSquare(req)
}

func (s esSquares) RangeSquare(ctx context.Context, req *esMessage) esMessages {
	return func(yield func(*esMessage, error) bool) {
		end := s.begin(ctx)
		defer func() { end(nil) }()
		_ = grpc.SendHeader(ctx, nil)
		last := req.GetMessage()
		if last < 0 {
			last = 2
		}
		for i := 1.0; i <= math.Min(last, 3); i++ {
			if !yield(&esMessage{Message: i * i}, nil) {
				return
			}
		}
		switch {
		case req.GetMessage() < 0:
			_, err := esSquare(req)
			yield(nil, err)
		case last == 0 || last > 3:
			<-ctx.Done()
			yield(nil, ctx.Err())
		}
	}
}

func (s esSquares) SumSquare(ctx context.Context, reqs esMessages) (_ *esMessage, err error) {
	end := s.begin(ctx)
	defer func() { end(err) }()
	sum := 0.0
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		if req.GetMessage() == 0 {
			break
		}
		square, err := esSquare(req)
		if err != nil {
			return nil, err
		}
		sum += square.GetMessage()
	}
	return &esMessage{Message: sum}, nil
}

func (s esSquares) StreamrangeSquare(ctx context.Context, reqs esMessages) esMessages {
	return func(yield func(*esMessage, error) bool) {
		var failed error
		end := s.begin(ctx)
		defer func() { end(failed) }()
		for req, err := range reqs {
			if err != nil {
				failed = err
				yield(nil, err)
				return
			}
			if req.GetMessage() == 0 {
				return
			}
			if square, err := esSquare(req); !yield(square, err) || err != nil {
				return
			}
		}
	}
}

func esSquare(req *esMessage) (*esMessage, error) {
	n := req.GetMessage()
	if n >= 0 {
		return &esMessage{Message: n * n}, nil
	}
	s, err := status.Newf(codes.InvalidArgument, "no square of %v: 100 %%, ä", n).WithDetails(&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "message", Description: "must not be negative"}},
	})
	if err != nil {
		return nil, err
	}
	return nil, s.Err()
}
