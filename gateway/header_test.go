package gateway_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// response is metadata of an upstream: the part that a client gets, and the
// part that it does not get.
var (
	passed = metadata.MD{
		"x-tag":                  {"one", "", "two"},
		"x-data-bin":             {"\x00,\xff", ""},
		"x-one":                  {"1"},
		"grpc-retry-pushback-ms": {"5"},
	}
	kept = metadata.MD{
		"server":                        {"nginx/1.22"},
		"date":                          {"today"},
		"via":                           {"1.1 backend-7"},
		"alt-svc":                       {"h3"},
		"x-powered-by":                  {"backend-7"},
		"x-envoy-upstream-service-time": {"7"},
		"content-length":                {"0"},
		"trailer":                       {"grpc-status"},
		"endpoint-load-metrics-bin":     {"\x01"},
		"grpc-accept-encoding":          {"gzip"},
	}
)

// withoutGRPCs returns md without the keys that grpc itself adds.
func withoutGRPCs(md metadata.MD) metadata.MD {
	delete(md, "content-type")
	return md
}

func TestHeadersAndTrailersArePassedBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		w := setup{upstream: service(func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
			for _, md := range []metadata.MD{passed, kept} {
				_ = grpc.SetHeader(ctx, md)
				_ = grpc.SetTrailer(ctx, md)
			}
			return squarer(ctx, reqs, send)
		})}.start(t, m)
		o := k.call(t.Context(), w.client, 3)
		if o.err != nil || len(o.got) != 1 {
			t.Fatalf("the client has %+v", o)
		}
		if diff := cmp.Diff(passed, withoutGRPCs(o.header)); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(passed, withoutGRPCs(o.trailer)); diff != "" {
			t.Errorf("trailer (-want +got):\n%s", diff)
		}
	})
}

// Withheld keys stay visible in the gateway.
func TestWithheldKeysStay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		var seen metadata.MD
		w := setup{
			upstream: service(func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
				_ = grpc.SetHeader(ctx, passed)
				_ = grpc.SetTrailer(ctx, passed)
				return squarer(ctx, reqs, send)
			}),
			opts: []gateway.Option{gateway.Withhold("X-Tag"), gateway.Withhold("x-data-bin", "grpc-retry-pushback-ms")},
			register: func(r grpc.ServiceRegistrar, s stubOf) {
				squares.RegisterSquareService(r, s.With(stream.OnHeader(func(md metadata.MD) { seen = md })))
			},
		}.start(t, m)
		o := k.call(t.Context(), w.client, 3)
		want := metadata.MD{"x-one": {"1"}}
		if diff := cmp.Diff(want, withoutGRPCs(o.header)); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, withoutGRPCs(o.trailer)); diff != "" {
			t.Errorf("trailer (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(passed, withoutGRPCs(seen)); diff != "" {
			t.Errorf("header in the gateway (-want +got):\n%s", diff)
		}
	})
}

// A trailer also comes with an error, with or without a header, and there is a
// header if the upstream has sent one.
func TestTrailersComeWithErrors(t *testing.T) {
	t.Parallel()
	detailed, err := status.New(codes.Aborted, "no").WithDetails(&errdetails.ErrorInfo{Reason: "NO"})
	if err != nil {
		t.Fatal(err)
	}
	for name, header := range map[string]bool{"alone": false, "behind a header": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, m mode, k kind) {
				w := setup{upstream: service(func(ctx context.Context, _ msgs, _ func(*msg) bool) error {
					if header {
						_ = grpc.SendHeader(ctx, metadata.Pairs("x-head", "h"))
					}
					_ = grpc.SetTrailer(ctx, passed)
					return detailed.Err()
				})}.start(t, m)
				o := k.call(t.Context(), w.client, 3)
				wantCode(t, o.err, codes.Aborted)
				if n := len(status.Convert(o.err).Details()); n != 1 {
					t.Errorf("%d details, want 1", n)
				}
				trailer := withoutGRPCs(o.trailer)
				if n := len(trailer["grpc-status-details-bin"]); n != 1 {
					t.Errorf("the status has %d details on the wire, want 1", n)
				}
				delete(trailer, "grpc-status-details-bin")
				if diff := cmp.Diff(passed, trailer); diff != "" {
					t.Errorf("trailer (-want +got):\n%s", diff)
				}
				want := metadata.MD(nil)
				if header {
					want = metadata.MD{"x-head": {"h"}, "content-type": {"application/grpc"}}
				}
				if diff := cmp.Diff(want, o.header); diff != "" {
					t.Errorf("header (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A header is passed back when it comes, and not with the first message.
func TestAHeaderComesBeforeTheFirstMessage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		if !k.requests && !k.answers {
			return // grpc reports the header of a unary call with its response
		}
		goOn := make(chan struct{})
		w := setup{upstream: service(func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
			_ = grpc.SendHeader(ctx, metadata.Pairs("x-head", "h"))
			<-goOn
			return squarer(ctx, reqs, send)
		})}.start(t, m)
		var header metadata.MD
		ended := make(chan outcome, 1)
		go func() {
			ended <- k.call(t.Context(), w.client.With(stream.OnHeader(func(md metadata.MD) { header = md })), 3)
		}()
		synctest.Wait()
		if got := header.Get("x-head"); len(got) != 1 || got[0] != "h" {
			t.Errorf("header = %v, while the upstream has sent it and nothing else", header)
		}
		close(goOn)
		if o := <-ended; o.err != nil || len(o.got) != 1 || o.got[0] != 9 {
			t.Errorf("the client has %+v", o)
		}
	})
}

// The header of a unary call is not sent before interceptors have added theirs.
func TestInterceptorsMayAddToHeaders(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		if k.requests || k.answers {
			return // theirs would come after messages
		}
		w := setup{
			upstream: service(func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
				_ = grpc.SetHeader(ctx, metadata.Pairs("x-head", "of the upstream"))
				return squarer(ctx, reqs, send)
			}),
			server: []grpc.ServerOption{grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				res, err := handler(ctx, req)
				if err := grpc.SetHeader(ctx, metadata.Pairs("x-head", "of the gateway")); err != nil {
					t.Error(err)
				}
				return res, err
			})},
		}.start(t, m)
		o := k.call(t.Context(), w.client, 3)
		if diff := cmp.Diff([]string{"of the upstream", "of the gateway"}, o.header["x-head"]); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
	})
}

// A wrapper of a stub may make several calls, and leave some of them.
func TestSeveralCallsOfOneClient(t *testing.T) {
	t.Parallel()
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := setup{
					upstream: service(func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
						for req, err := range reqs {
							if err != nil {
								return err
							}
							_ = grpc.SetHeader(ctx, metadata.Pairs("x-call", req.String()))
							_ = grpc.SetTrailer(ctx, metadata.Pairs("x-call", req.String()))
							send(req)
						}
						return nil
					}),
					register: func(r grpc.ServiceRegistrar, s stubOf) {
						squares.RegisterSquareService(r, service(func(ctx context.Context, _ msgs, send func(*msg) bool) error {
							for n := range 3 {
								for m, err := range s.RangeSquare(ctx, num(float64(n+1))) {
									if err != nil {
										return err
									}
									send(m)
									if n == 1 {
										break // its trailer is dropped
									}
								}
							}
							return nil
						}))
					},
				}.start(t, m)
				o := kinds[1].call(t.Context(), w.client, 0)
				if diff := cmp.Diff([]float64{1, 2, 3}, o.got); diff != "" || o.err != nil {
					t.Fatalf("error %v, messages (-want +got):\n%s", o.err, diff)
				}
				if diff := cmp.Diff([]string{num(1).String()}, o.header["x-call"]); diff != "" {
					t.Errorf("header (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{num(1).String(), num(3).String()}, o.trailer["x-call"]); diff != "" {
					t.Errorf("trailer (-want +got):\n%s", diff)
				}
			})
		})
	}
}
