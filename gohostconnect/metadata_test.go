package gohostconnect_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
)

// calls are the four kinds of calls, each with one message in each direction.
var calls = map[string]func(context.Context, served) error{
	"unary": func(ctx context.Context, s served) error {
		_, err := s.stub.Square(ctx, num(1))
		return err
	},
	"server streaming": func(ctx context.Context, s served) error {
		_, err := numbers(s.stub.RangeSquare(ctx, num(1)))
		return err
	},
	"client streaming": func(ctx context.Context, s served) error {
		_, err := s.stub.SumSquare(ctx, stream.Of(num(1)))
		return err
	},
	"bidirectional": func(ctx context.Context, s served) error {
		_, err := numbers(s.stub.StreamrangeSquare(ctx, stream.Of(num(1))))
		return err
	},
}

// doing returns an implementation whose methods all call f, and answer like
// squarer if f returns no error.
func doing(f func(context.Context) error) fake {
	all := func(ctx context.Context, seq msgs) msgs {
		return func(yield func(*msg, error) bool) {
			if err := f(ctx); err != nil {
				yield(nil, err)
				return
			}
			seq(yield)
		}
	}
	return fake{
		square: func(ctx context.Context, req *msg) (*msg, error) {
			if err := f(ctx); err != nil {
				return nil, err
			}
			return squarer.square(ctx, req)
		},
		ranges: func(ctx context.Context, req *msg) msgs { return all(ctx, squarer.ranges(ctx, req)) },
		sum: func(ctx context.Context, reqs msgs) (*msg, error) {
			if err := f(ctx); err != nil {
				return nil, err
			}
			return squarer.sum(ctx, reqs)
		},
		streams: func(ctx context.Context, reqs msgs) msgs { return all(ctx, squarer.streams(ctx, reqs)) },
	}
}

// kindOfCall is a kind of calls over a wire, with its test.
type kindOfCall struct {
	t    *testing.T
	wire wire
	call func(context.Context, served) error
}

// eachKind runs f as a test of each kind of call over each wire that has it.
func eachKind(t *testing.T, f func(kindOfCall)) {
	t.Helper()
	for _, w := range wires {
		for kind, call := range calls {
			if kind == "bidirectional" && !w.bidi() {
				continue
			}
			t.Run(w.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				f(kindOfCall{t, w, call})
			})
		}
	}
}

// Metadata, header and trailer arrive in both directions, also with errors.
func TestMetadata(t *testing.T) {
	t.Parallel()
	refused, err := status.New(codes.FailedPrecondition, "no: 50 % of “it”\n").WithDetails(num(7))
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]error{"well": nil, "with an error": refused.Err()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(c kindOfCall) {
				t, w, call := c.t, c.wire, c.call
				s := w.serve(t, registering(doing(func(ctx context.Context) error {
					md, _ := metadata.FromIncomingContext(ctx)
					want := map[string][]string{"plain": {"a", "b, c"}, "data-bin": {"\x00\xff", ""}, "te": nil, "grpc-tags": nil, "connect-x": nil}
					for key, values := range want {
						if !slices.Equal(md[key], values) {
							t.Errorf("the handler gets %q for %s, want %q", md[key], key, values)
						}
					}
					if err := errors.Join(
						grpc.SetHeader(ctx, metadata.Pairs("h", "1", "h", "2", "content-type", "x", "grpc-status", "3")),
						grpc.SetHeader(ctx, metadata.Pairs("h-bin", "\x00")),
						grpc.SetTrailer(ctx, metadata.Pairs("t", "1", "t", "2", "t-bin", "\xff,\x00"))); err != nil {
						t.Error(err)
					}
					return end
				})))
				ctx := metadata.AppendToOutgoingContext(within(t), "plain", "a", "plain", "b, c", "data-bin", "\x00\xff", "data-bin", "",
					"te", "x", "grpc-tags", "x", "connect-x", "x")
				var header, trailer metadata.MD
				s.stub = s.stub.With(grpc.Header(&header), grpc.Trailer(&trailer))
				err := call(ctx, s)
				if want := status.Convert(end); status.Code(err) != want.Code() ||
					strings.TrimSuffix(status.Convert(err).Message(), " (host square.example)") != want.Message() || len(status.Convert(err).Details()) != len(want.Details()) {
					t.Errorf("error %v, want %v", err, end)
				}
				if got := joined(header, "h"); got != "1,2" {
					t.Errorf("header h = %q", got)
				}
				if got := joined(header, "h-bin"); got != "\x00" {
					t.Errorf("header h-bin = %q", got)
				}
				if got := joined(trailer, "t"); got != "1,2" {
					t.Errorf("trailer t = %q", got)
				}
				if got := joined(trailer, "t-bin"); got != "\xff,\x00" {
					t.Errorf("trailer t-bin = %q", got)
				}
				for key := range trailer {
					if key != "t" && key != "t-bin" && key != "date" && key != "content-type" {
						t.Errorf("the trailer has %s = %q", key, trailer[key])
					}
				}
			})
		})
	}
}

func joined(md metadata.MD, key string) string { return strings.Join(md[key], ",") }

// Metadata that net/http would silently drop is an error, like in grpc.
func TestMetadataThatCannotBeSent(t *testing.T) {
	t.Parallel()
	for name, md := range map[string]metadata.MD{
		"a key":   {"a b": {"x"}},
		"no key":  {"": {"x"}},
		"a value": {"a": {"x\ny"}},
		"no text": {"a": {"é"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(c kindOfCall) {
				t, w, call := c.t, c.wire, c.call
				s := w.serve(t, registering(doing(func(ctx context.Context) error {
					if err := grpc.SetHeader(ctx, md); status.Code(err) != codes.Internal {
						t.Errorf("SetHeader returns %v", err)
					}
					if err := grpc.SendHeader(ctx, md); status.Code(err) != codes.Internal {
						t.Errorf("SendHeader returns %v", err)
					}
					if err := grpc.SetTrailer(ctx, md); status.Code(err) != codes.Internal {
						t.Errorf("SetTrailer returns %v", err)
					}
					return nil
				})))
				if err := call(within(t), s); err != nil {
					t.Error(err)
				}
				wantCode(t, call(metadata.NewOutgoingContext(within(t), md), s), codes.Internal)
			})
		})
	}
}

// The header arrives before the first message, even if the message comes much
// later.
func TestHeaderComesFirst(t *testing.T) {
	t.Parallel()
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			seen := make(chan bool)
			s := w.serve(t, registering(fake{ranges: func(ctx context.Context, _ *msg) msgs {
				return func(yield func(*msg, error) bool) {
					if err := grpc.SendHeader(ctx, metadata.Pairs("h", "1")); err != nil {
						yield(nil, err)
						return
					}
					if err := grpc.SetHeader(ctx, metadata.Pairs("h", "2")); err == nil {
						t.Error("SetHeader is possible after SendHeader")
					}
					<-seen
					yield(num(1), nil)
				}
			}}))
			got, err := numbers(s.stub.With(stream.OnHeader(func(md metadata.MD) {
				if joined(md, "h") != "1" {
					t.Errorf("header %v", md)
				}
				close(seen)
			})).RangeSquare(within(t), num(1)))
			if err != nil || len(got) != 1 {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// Header returns for a call that ends without a message.
func TestHeaderOfACallThatFails(t *testing.T) {
	t.Parallel()
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		s := w.serve(t, registering(doing(func(context.Context) error { return status.Error(codes.NotFound, "none") })))
		s.stub = s.stub.With(stream.OnHeader(func(metadata.MD) {}))
		wantCode(t, call(within(t), s), codes.NotFound)
	})
}

// Errors without a status, and those of contexts, have grpc's codes and keep their texts.
func TestErrorsOfHandlers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want codes.Code
	}{
		{errors.New("plain"), codes.Unknown},
		{context.Canceled, codes.Canceled},
		{context.DeadlineExceeded, codes.DeadlineExceeded},
		{status.Error(codes.Code(99), "a code of its own"), codes.Code(99)},
		{status.Error(codes.Unauthenticated, ""), codes.Unauthenticated},
	} {
		t.Run(test.err.Error(), func(t *testing.T) {
			t.Parallel()
			eachKind(t, func(c kindOfCall) {
				t, w, call := c.t, c.wire, c.call
				s := w.serve(t, registering(doing(func(context.Context) error { return test.err })))
				err := call(within(t), s)
				code := test.want
				if code == 99 && strings.HasPrefix(w.name, "Connect") {
					code = codes.Unknown // that protocol has names for codes
				}
				wantCode(t, err, code)
				want, ok := status.FromError(test.err)
				if !ok {
					want = status.New(test.want, test.err.Error())
				}
				if got := strings.TrimSuffix(status.Convert(err).Message(), " (host square.example)"); got != want.Message() && got != "(host square.example)" {
					t.Errorf("message %q, want %q", got, want.Message())
				}
			})
		})
	}
}
