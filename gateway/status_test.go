package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/gohostrpc/gohost/gateway"
)

// stages are upstreams that fail at different times.
var stages = map[string]func(err error) service{
	"at once": func(err error) service { return failing(0, err) },
	"behind a header": func(err error) service {
		return func(ctx context.Context, _ msgs, _ func(*msg) bool) error {
			_ = grpc.SendHeader(ctx, metadata.MD{})
			return err
		}
	},
	"behind a message": func(err error) service { return failing(1, err) },
}

func TestTheStatusOfTheUpstreamStays(t *testing.T) {
	t.Parallel()
	plain := func(code codes.Code) *status.Status { return status.New(code, "it went wrong, try transport 7") }
	detailed, err := plain(codes.FailedPrecondition).WithDetails(
		&errdetails.ErrorInfo{Reason: "WHY", Metadata: map[string]string{"a": "b"}}, &errdetails.RetryInfo{})
	if err != nil {
		t.Fatal(err)
	}
	statuses := []*status.Status{detailed, status.New(codes.Code(77), "a code of their own")}
	for _, code := range []codes.Code{codes.Canceled, codes.DeadlineExceeded, codes.Internal, codes.Unavailable, codes.Unauthenticated} {
		statuses = append(statuses, plain(code))
	}
	for stage, upstream := range stages {
		for _, want := range statuses {
			t.Run(stage+"/"+want.Code().String(), func(t *testing.T) {
				t.Parallel()
				each(t, func(t *testing.T, m mode, k kind) {
					got := status.Convert(k.call(t.Context(), setup{upstream: upstream(want.Err())}.start(t, m).client, 3).err)
					if diff := cmp.Diff(want.Proto(), got.Proto(), protocmp.Transform()); diff != "" {
						t.Errorf("status (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

func TestErrorsMayBeReplaced(t *testing.T) {
	t.Parallel()
	original := status.New(codes.NotFound, "no such square")
	for name, test := range map[string]struct {
		by   func(error) error
		want *status.Status
	}{
		"by another status":      {func(error) error { return status.Error(codes.Aborted, "sorry") }, status.New(codes.Aborted, "sorry")},
		"by one that is wrapped": {func(err error) error { return fmt.Errorf("sorry: %w", err) }, status.New(codes.NotFound, "sorry: rpc error: code = NotFound desc = no such square")},
		"by one without":         {func(error) error { return errors.New("sorry") }, status.New(codes.Unknown, "sorry")},
		"by itself":              {func(err error) error { return err }, original},
		"not by nothing":         {func(error) error { return nil }, original},
		"not by the end":         {func(error) error { return io.EOF }, original},
		"not by OK":              {func(error) error { return okError{} }, original},
	} {
		for stage, upstream := range stages {
			t.Run(name+"/"+stage, func(t *testing.T) {
				t.Parallel()
				each(t, func(t *testing.T, m mode, k kind) {
					var methods []string
					w := setup{upstream: upstream(original.Err()), opts: []gateway.Option{
						gateway.Errors(func(ctx context.Context, method string, err error) error {
							if ctx.Err() != nil || err == nil {
								t.Errorf("called with %v, in a context with %v", err, ctx.Err())
							}
							methods = append(methods, method)
							return test.by(err)
						}),
					}}.start(t, m)
					got := status.Convert(k.call(t.Context(), w.client, 3).err)
					if diff := cmp.Diff(test.want.Proto(), got.Proto(), protocmp.Transform()); diff != "" {
						t.Errorf("status (-want +got):\n%s", diff)
					}
					if diff := cmp.Diff([]string{fullMethods[k.name]}, methods); diff != "" {
						t.Errorf("methods (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// okError is an error with a status that says OK.
type okError struct{}

func (okError) Error() string              { return "fine" }
func (okError) GRPCStatus() *status.Status { return status.New(codes.OK, "fine") }

// A call that a client has left is not a failure of the upstream.
func TestErrorsAreNotAskedAboutCallsThatAreLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		waiting := make(chan struct{})
		w := setup{
			upstream: service(func(ctx context.Context, _ msgs, _ func(*msg) bool) error {
				close(waiting)
				<-ctx.Done()
				return ctx.Err()
			}),
			opts: []gateway.Option{gateway.Errors(func(_ context.Context, _ string, err error) error {
				t.Errorf("asked about %v", err)
				return err
			})},
		}.start(t, m)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-waiting
			cancel()
		}()
		wantCode(t, k.call(ctx, w.client, 3).err, codes.Canceled)
	})
}

// Errors of the gateway itself can be logged too.
func TestErrorsAreAskedAboutTheGatewaysOwn(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]gateway.Option{
		"set up wrongly": gateway.Forward("host"),
		"a bad host":     gateway.HostBy(func(context.Context) (string, error) { return "lab internal", nil }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, m mode, k kind) {
				w := setup{upstream: squarer, opts: []gateway.Option{opt, gateway.Errors(func(_ context.Context, method string, err error) error {
					if method != fullMethods[k.name] || status.Code(err) != codes.Internal && status.Code(err) != codes.InvalidArgument {
						t.Errorf("asked about %v of %s", err, method)
					}
					return status.Error(codes.Aborted, "sorry")
				})}}.start(t, m)
				wantCode(t, k.call(t.Context(), w.client, 3).err, codes.Aborted)
			})
		})
	}
}

// late is metadata that an upstream is still about to send.
var late = metadata.Pairs("x-tag", "late")

// impatient is a stream that an interceptor abandons while it continues.
type impatient struct{ grpc.ClientStream }

func (impatient) Header() (metadata.MD, error) { return nil, nil }
func (impatient) Trailer() metadata.MD         { return late }
func (impatient) RecvMsg(any) error            { return status.Error(codes.Aborted, "no patience") }

// An interceptor of the upstream may fail while grpc still writes the header
// and the trailer of the call: they must not be read.
func TestAnInterceptorThatGivesUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		w := setup{upstream: squarer, dial: []grpc.DialOption{
			grpc.WithUnaryInterceptor(func(_ context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, opts ...grpc.CallOption) error {
				for _, opt := range opts {
					switch opt := opt.(type) {
					case grpc.HeaderCallOption:
						*opt.HeaderAddr = late
					case grpc.TrailerCallOption:
						*opt.TrailerAddr = late
					}
				}
				return status.Error(codes.Aborted, "no patience")
			}),
			grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
				cs, err := streamer(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, cc, method, opts...)
				return impatient{cs}, err
			}),
		}}.start(t, m)
		o := k.call(t.Context(), w.client, 3)
		wantCode(t, o.err, codes.Aborted)
		if len(o.header["x-tag"])+len(o.trailer["x-tag"]) > 0 {
			t.Errorf("the client has the header %v and the trailer %v", o.header, o.trailer)
		}
	})
}
