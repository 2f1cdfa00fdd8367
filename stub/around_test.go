package stub_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// outgoing and incoming are the numbers of messages that the client sends and receives in
// a call of calls.
var (
	outgoing = map[string]int{"unary": 1, "server streaming": 1, "client streaming": 3, "bidirectional": 3}
	incoming = map[string]int{"unary": 1, "server streaming": 3, "client streaming": 1, "bidirectional": 3}
)

func TestEverythingAroundACallSeesEverythingOnce(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				creds, client, server := new(recorder), new(recorder), new(recorder)
				b := start(t, squarer, options{
					calls: []grpc.CallOption{grpc.PerRPCCredentials(creds)},
					callUnary: func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
						for _, what := range []string{"call", "SendMsg", "RecvMsg"} {
							client.see(what)
						}
						return invoker(ctx, method, req, reply, cc, opts...)
					},
					callStream: func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
						client.see("call")
						cs, err := streamer(ctx, desc, cc, method, opts...)
						return watchedStream{ClientStream: cs, r: client}, err
					},
					unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
						for _, what := range []string{"call", "SendMsg", "RecvMsg"} {
							server.see(what)
						}
						if _, ok := req.(*msg); !ok {
							t.Errorf("the interceptor got a %T", req)
						}
						return handler(ctx, req)
					},
					streams: []grpc.StreamServerInterceptor{func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
						server.see("call")
						md, _ := metadata.FromIncomingContext(ss.Context())
						if got := md.Get("token"); len(got) != 1 {
							t.Errorf("token = %v, want one", got)
						}
						return handler(srv, watchedServerStream{ss, server})
					}},
				})
				if err := call(t.Context(), b.stub); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				out, in := outgoing[kind], incoming[kind]
				creds.check(t, "credentials", map[string]int{"credentials": 1})
				server.check(t, "interceptors of the server", map[string]int{"call": 1, "SendMsg": in, "RecvMsg": out})
				want := map[string]int{"call": 1, "SendMsg": out, "RecvMsg": in}
				switch kind {
				case "client streaming": // ends with its response
					want["CloseSend"] = 1
				case "server streaming", "bidirectional":
					want["CloseSend"], want["end"] = 1, 1
				}
				client.check(t, "interceptors of the client", want)
			})
		})
	}
}

func TestStatsHandlersSeeEverythingOnce(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, server := new(recorder), new(recorder)
				b := start(t, squarer, options{
					dial:   []grpc.DialOption{grpc.WithStatsHandler(client)},
					server: []grpc.ServerOption{grpc.StatsHandler(server)},
				})
				if err := call(t.Context(), b.stub); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				out, in := outgoing[kind], incoming[kind]
				client.check(t, "stats of the client", map[string]int{"Begin": 1, "End": 1, "OutPayload": out, "InPayload": in})
				server.check(t, "stats of the server", map[string]int{"Begin": 1, "End": 1, "OutPayload": in, "InPayload": out})
			})
		})
	}
}

func TestInterceptorsSeeTheEndOfACallThatIsLeft(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				around := new(recorder)
				b := start(t, responding(forever), intercepted(func(cs grpc.ClientStream) grpc.ClientStream {
					return watchedStream{ClientStream: cs, r: around}
				}))
				leave(t, open(t.Context(), b.stub))
				if n := around.count("end"); n != 1 {
					t.Errorf("the interceptor saw %d ends, want 1", n)
				}
			})
		})
	}
}

func TestAStatsHandlerSeesTheEndOfACallThatIsLeft(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := new(recorder)
				b := start(t, responding(forever), options{dial: []grpc.DialOption{grpc.WithStatsHandler(client)}})
				leave(t, open(t.Context(), b.stub))
				synctest.Wait()
				if n := client.count("End"); n != 1 {
					t.Errorf("the stats handler saw %d ends, want 1", n)
				}
			})
		})
	}
}

func TestErrorsOfInterceptorsBecomeStatuses(t *testing.T) {
	t.Parallel()
	errPlain := errors.New("plain")
	refuse := map[string]struct {
		err  error
		want codes.Code
	}{
		"plain":    {errPlain, codes.Unknown},
		"context":  {context.DeadlineExceeded, codes.DeadlineExceeded},
		"wrapped":  {fmt.Errorf("wrapped: %w", context.Canceled), codes.Canceled},
		"a status": {status.Error(codes.Unauthenticated, "who"), codes.Unauthenticated},
	}
	// A stage is a place where an interceptor may fail.
	stages := []string{"open", "send", "half-close", "header", "receive"}
	for kind, call := range calls {
		for name, test := range refuse {
			for _, stage := range stages {
				if kind == "unary" && stage != "open" {
					continue
				}
				t.Run(kind+"/"+name+"/"+stage, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						b := start(t, squarer, options{
							callUnary: func(context.Context, string, any, any, *grpc.ClientConn, grpc.UnaryInvoker, ...grpc.CallOption) error {
								return test.err
							},
							callStream: func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
								if stage == "open" {
									return nil, test.err
								}
								cs, err := streamer(ctx, desc, cc, method, opts...)
								return failingStream{cs, stage, test.err}, err
							},
						})
						err := call(t.Context(), b.stub.With(stream.OnHeader(func(metadata.MD) {})))
						wantCode(t, err, test.want)
						if !errors.Is(err, test.err) {
							t.Errorf("error = %v, want it to be %v", err, test.err)
						}
						if _, ok := status.FromError(err); !ok {
							t.Errorf("error = %v, want one with a status", err)
						}
					})
				})
			}
		}
	}
}

// failingStream fails at a stage of a call.
type failingStream struct {
	grpc.ClientStream
	stage string
	err   error
}

func (f failingStream) SendMsg(m any) error {
	if f.stage == "send" {
		return f.err
	}
	return f.ClientStream.SendMsg(m)
}

func (f failingStream) CloseSend() error {
	if f.stage == "half-close" {
		return f.err
	}
	return f.ClientStream.CloseSend()
}

func (f failingStream) Header() (metadata.MD, error) {
	if f.stage == "header" {
		return nil, f.err
	}
	return f.ClientStream.Header()
}

func (f failingStream) RecvMsg(m any) error {
	if f.stage == "receive" {
		return f.err
	}
	return f.ClientStream.RecvMsg(m)
}

func TestAnInterceptorsEOFIsNotAnEnd(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, squarer, options{
					callUnary: func(context.Context, string, any, any, *grpc.ClientConn, grpc.UnaryInvoker, ...grpc.CallOption) error {
						return io.EOF
					},
					callStream: func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, grpc.Streamer, ...grpc.CallOption) (grpc.ClientStream, error) {
						return nil, io.EOF
					},
				})
				wantInternal(t, call(t.Context(), b.stub), "the call ended without a response")
			})
		})
	}
}

func TestCallsOfABrokenStubFail(t *testing.T) {
	t.Parallel()
	var zero squares.SquareServiceStub
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			wantInternal(t, call(t.Context(), zero), "zero value")
			wantInternal(t, call(t.Context(), zero.With(grpc.WaitForReady(true))), "zero value")
			wantInternal(t, call(t.Context(), squares.NewSquareServiceStub(nil)), "no connection")
		})
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := new(recorder)
				b := start(t, squarer, options{server: []grpc.ServerOption{grpc.StatsHandler(server)}})
				s := b.stub.With(grpc.UseCompressor("gzip"))
				if err := call(t.Context(), s); err != nil {
					t.Error(err)
				}
				zeros := func(yield func(*msg, error) bool) { yield(big(1, 10<<10), nil) }
				if _, err := s.SumSquare(t.Context(), zeros); err != nil {
					t.Error(err)
				}
				if server.count("compressed") != 1 {
					t.Error("the server got nothing that was compressed")
				}
			})
		})
	}
}

// Not in a bubble: grpc holds a mutex while it waits for the next attempt, and
// a bubble's time does not advance while a goroutine waits for a mutex.
func TestRetryByServiceConfig(t *testing.T) {
	t.Parallel()
	const config = `{"methodConfig": [{"name": [{"service": "squarerpc_service.SquareService"}],
		"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1,
			"retryableStatusCodes": ["UNAVAILABLE"]}}]}`
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var attempts atomic.Int64
			fail := func() error {
				if attempts.Add(1) < 3 {
					return status.Error(codes.Unavailable, "later")
				}
				return nil
			}
			b := start(t, squarer, options{
				dial: []grpc.DialOption{grpc.WithDefaultServiceConfig(config)},
				unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
					if err := fail(); err != nil {
						return nil, err
					}
					return handler(ctx, req)
				},
				streams: []grpc.StreamServerInterceptor{func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
					if err := fail(); err != nil {
						return err
					}
					return handler(srv, ss)
				}},
			})
			if err := call(t.Context(), b.stub); err != nil {
				t.Error(err)
			}
			if n := attempts.Load(); n != 3 {
				t.Errorf("%d attempts, want 3", n)
			}
		})
	}
}
