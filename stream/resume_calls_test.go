package stream_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// numbers is a service whose streams are functions.
type numbers struct {
	squares.UnimplementedSquareService
	ranges  func(ctx context.Context, after float64) iter.Seq2[*squares.Message, error]
	streams func(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error]
}

func (n numbers) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return n.ranges(ctx, req.GetMessage())
}

func (n numbers) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return n.streams(ctx, reqs)
}

func (n numbers) connect(t *testing.T, opts ...grpc.DialOption) squares.SquareServiceStub {
	t.Helper()
	listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, n) })
	return squares.NewSquareServiceStub(inmemory.Dial(t, listener, opts...))
}

// resume is the Resume of RangeSquare.
func resume(t *testing.T, service squares.SquareService, opts ...stream.ResumeOption) iter.Seq2[*squares.Message, error] {
	t.Helper()
	return stream.Resume(t.Context(), func(ctx context.Context, after float64) iter.Seq2[*squares.Message, error] {
		return service.RangeSquare(ctx, &squares.Message{Message: after})
	}, (*squares.Message).GetMessage, append(opts, steady)...)
}

// Resume works over a connection and without one, with new messages and with a
// reused one.
func TestResumeOverCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		impl := numbers{ranges: func(_ context.Context, after float64) iter.Seq2[*squares.Message, error] {
			if after == 6 {
				return stream.Of[*squares.Message]()
			}
			return restarting(after)
		}}
		overCalls := impl.connect(t)
		for name, service := range map[string]squares.SquareService{
			"calls": overCalls, "reuse": overCalls.With(stream.ReuseMessages()), "in process": impl,
		} {
			want := 1.0
			for msg, err := range resume(t, service) {
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if msg.GetMessage() != want {
					t.Errorf("%s: got %v, want %v", name, msg.GetMessage(), want)
				}
				want++
			}
			if want != 7 {
				t.Errorf("%s: the last message was %v", name, want-1)
			}
		}
	})
}

// The requests of a bidirectional call get its context and end with it: those
// of a broken call take nothing from the next one.
func TestResumeOfABidirectionalMethod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := numbers{streams: func(_ context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
			return func(yield func(*squares.Message, error) bool) {
				for req, err := range reqs {
					if err != nil || !yield(req, nil) {
						return
					}
					break
				}
				yield(nil, errGone)
			}
		}}.connect(t)
		requests := make(chan *squares.Message)
		go func() {
			for n := 1.0; n <= 3; n++ {
				time.Sleep(time.Minute)
				requests <- &squares.Message{Message: n}
			}
		}()
		want := 1.0
		for msg, err := range stream.Resume(t.Context(), func(ctx context.Context, _ float64) iter.Seq2[*squares.Message, error] {
			return service.StreamrangeSquare(ctx, stream.FromChan(ctx, requests))
		}, (*squares.Message).GetMessage, steady) {
			if err != nil {
				t.Fatal(err)
			}
			if msg.GetMessage() != want {
				t.Fatalf("got %v, want %v", msg.GetMessage(), want)
			}
			if want++; want == 4 {
				break
			}
		}
	})
}

// The server sees the end of the call before the statement after the loop.
func TestLeavingAResumeEndsTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		service := numbers{ranges: func(ctx context.Context, after float64) iter.Seq2[*squares.Message, error] {
			if after == 0 {
				return restarting(0)
			}
			return func(yield func(*squares.Message, error) bool) {
				defer close(ended)
				yield(&squares.Message{Message: after + 1}, nil)
				<-ctx.Done()
			}
		}}.connect(t)
		began := time.Now()
		for msg, err := range resume(t, service) {
			if err != nil {
				t.Fatal(err)
			}
			if msg.GetMessage() == 3 {
				break
			}
		}
		<-ended
		if took := time.Since(began); took != time.Second { // the wait after restarting
			t.Errorf("took %v", took)
		}
	})
}

// See "Pushback" in gRFC A6.
func TestResumeObeysPushback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pushes := []string{"3000", "0", "", "-1"}
		var at []time.Duration
		began := time.Now()
		service := numbers{ranges: func(ctx context.Context, _ float64) iter.Seq2[*squares.Message, error] {
			push := pushes[min(len(at), len(pushes)-1)]
			at = append(at, time.Since(began))
			return func(yield func(*squares.Message, error) bool) {
				if push != "" {
					if err := grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", push)); err != nil {
						t.Error(err)
					}
				}
				yield(nil, errGone)
			}
		}}.connect(t)
		_, err := stream.Collect(resume(t, service))
		wantStatus(t, err, codes.Unavailable)
		// 0 does not make the wait shorter, since there was no message.
		want := []time.Duration{0, 3 * time.Second, 5 * time.Second, 9 * time.Second}
		if len(at) != len(want) {
			t.Fatalf("calls at %v, want %v", at, want)
		}
		for i := range want {
			if at[i] != want[i] {
				t.Errorf("calls at %v, want %v", at, want)
			}
		}

		// A value that is not a number and several values mean no, as for grpc-go.
		for _, wrong := range [][]string{{"soon"}, {"1", "2"}, {"-0.5"}} {
			calls := 0
			service := numbers{ranges: func(ctx context.Context, _ float64) iter.Seq2[*squares.Message, error] {
				calls++
				for _, value := range wrong {
					if err := grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", value)); err != nil {
						t.Error(err)
					}
				}
				return breakAtOnce
			}}.connect(t)
			_, err := stream.Collect(resume(t, service))
			wantStatus(t, err, codes.Unavailable)
			if calls != 1 {
				t.Errorf("%d calls with the pushback %q", calls, wrong)
			}
		}
	})
}

func breakAtOnce(yield func(*squares.Message, error) bool) { yield(nil, errGone) }

// After a message, a pushback is waited for exactly.
func TestAPushbackAfterAMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := numbers{ranges: func(ctx context.Context, after float64) iter.Seq2[*squares.Message, error] {
			if after == 2 {
				return stream.Of[*squares.Message]()
			}
			if err := grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", "20")); err != nil {
				t.Error(err)
			}
			return restarting(after)
		}}.connect(t)
		began := time.Now()
		if _, err := stream.Collect(resume(t, service)); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 20*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

// An error of an interceptor is not the end of the call, and the trailer must
// not be read before that end. With -race this test detects it.
func TestAnInterceptorsErrorIsNotTheEndOfTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("refused by an interceptor")
		refuse := func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			cs, err := streamer(ctx, desc, cc, method, opts...)
			return refusing{cs, refused}, err
		}
		service := numbers{ranges: func(ctx context.Context, _ float64) iter.Seq2[*squares.Message, error] {
			return func(yield func(*squares.Message, error) bool) {
				if err := grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", "-1")); err != nil {
					t.Error(err)
				}
				yield(&squares.Message{Message: 1}, nil)
			}
		}}.connect(t, grpc.WithStreamInterceptor(refuse))
		calls := 0
		_, err := stream.Collect(resume(t, service, stream.ResumeIf(func(err error) bool {
			calls++
			return errors.Is(err, refused) && calls < 3
		})))
		if !errors.Is(err, refused) || calls != 3 {
			t.Errorf("%d calls, and the error %v", calls, err)
		}
	})
}

// refusing is a stream whose messages an interceptor refuses.
type refusing struct {
	grpc.ClientStream
	err error
}

func (r refusing) RecvMsg(m any) error {
	if err := r.ClientStream.RecvMsg(m); err != nil {
		return err
	}
	return r.err
}

// The status of a Resume that has given up does not contain the host.
func TestAResumeKeepsTheHostToItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := numbers{ranges: func(context.Context, float64) iter.Seq2[*squares.Message, error] { return breakAtOnce }}.connect(t)
		_, err := stream.Collect(resume(t, service, stream.ResumeAttempts(1)))
		if want := "stream: gave up after 1 calls without a message: gone"; status.Convert(err).Message() != want {
			t.Errorf("status %q, want %q", status.Convert(err).Message(), want)
		}
	})
}
