package stream_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/gohostrpc/gohost/internal/private"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

var errGone = status.Error(codes.Unavailable, "gone")

// steady is a backoff without jitter: 1 s, 2 s, 4 s, 5 s, 5 s, …
var steady = stream.ResumeBackoff(backoff.Config{BaseDelay: time.Second, Multiplier: 2, MaxDelay: 5 * time.Second})

func itself(n int) int { return n }

// source is what a Resume opens: one sequence per call, and the last one again
// and again.
type source struct {
	calls  []func(ctx context.Context, after int) iter.Seq2[int, error]
	afters []int           // the requested positions
	at     []time.Duration // since the start of the first call
	start  time.Time
}

func (s *source) open(ctx context.Context, after int) iter.Seq2[int, error] {
	if s.start.IsZero() {
		s.start = time.Now()
	}
	call := s.calls[min(len(s.afters), len(s.calls)-1)]
	s.afters = append(s.afters, after)
	s.at = append(s.at, time.Since(s.start))
	return call(ctx, after)
}

// breaks returns a call that yields n numbers after the position, and then err.
func breaks(n int, err error) func(context.Context, int) iter.Seq2[int, error] {
	return func(_ context.Context, after int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(after+i+1, nil) {
					return
				}
			}
			if err != nil {
				yield(0, err)
			}
		}
	}
}

// lasts returns a call that ends with err after d.
func lasts(d time.Duration, err error) func(context.Context, int) iter.Seq2[int, error] {
	return func(ctx context.Context, _ int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			select {
			case <-time.After(d):
				yield(0, err)
			case <-ctx.Done():
				yield(0, ctx.Err())
			}
		}
	}
}

func calls(c ...func(context.Context, int) iter.Seq2[int, error]) *source { return &source{calls: c} }

func wantInts(t *testing.T, what string, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func wantStatus(t *testing.T, err error, code codes.Code) {
	t.Helper()
	if status.Code(err) != code {
		t.Errorf("error %v, want the code %v", err, code)
	}
}

func TestResumeOpensAgainAfterTheLastMessageTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := calls(breaks(2, errGone), breaks(0, errGone), breaks(3, errGone), breaks(1, nil))
		seq := stream.Resume(t.Context(), s.open, itself, steady)
		for range 2 { // it is cold, and begins again
			s.afters = nil
			got, err := stream.Collect(seq)
			if err != nil {
				t.Error(err)
			}
			wantInts(t, "messages", got, 1, 2, 3, 4, 5, 6)
			wantInts(t, "opened after", s.afters, 0, 2, 2, 5)
		}
	})
}

// The loop may change the message, or pass it on.
func TestResumeAsksForThePositionBeforeTheLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type message struct{ position int }
		var afters []int
		open := func(_ context.Context, after int) iter.Seq2[*message, error] {
			afters = append(afters, after)
			if after > 0 {
				return stream.Of[*message]()
			}
			return func(yield func(*message, error) bool) { _ = yield(&message{7}, nil) && yield(nil, errGone) }
		}
		for msg, err := range stream.Resume(t.Context(), open, func(m *message) int { return m.position }, steady) {
			if err != nil {
				t.Fatal(err)
			}
			msg.position = 1
		}
		wantInts(t, "opened after", afters, 0, 7)
	})
}

func TestResumeEndsWithOtherErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, code := range []codes.Code{codes.OutOfRange, codes.Internal, codes.Unknown, codes.DeadlineExceeded, codes.Canceled, codes.ResourceExhausted} {
			end := status.Error(code, "the handler's own")
			s := calls(breaks(1, errGone), breaks(1, end))
			got, err := stream.Collect(stream.Resume(t.Context(), s.open, itself, steady))
			if err != end { //nolint:errorlint // it is the same error
				t.Errorf("error %v, want %v", err, end)
			}
			wantInts(t, "messages", got, 1, 2)
		}
	})
}

func TestResumeIfDecides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked []error
		s := calls(breaks(1, nil), breaks(1, errGone), breaks(1, status.Error(codes.Aborted, "")))
		got, err := stream.Collect(stream.Resume(t.Context(), s.open, itself, steady, stream.ResumeIf(func(err error) bool {
			asked = append(asked, err)
			return err == nil || stream.Resumable(err)
		})))
		wantStatus(t, err, codes.Aborted)
		wantInts(t, "messages", got, 1, 2, 3)
		if len(asked) != 3 || asked[0] != nil || asked[1] != errGone { //nolint:errorlint // it is the same error
			t.Errorf("was asked about %v", asked)
		}
		// nil is like no option.
		if _, err := stream.Collect(stream.Resume(t.Context(), calls(breaks(1, errGone), breaks(0, nil)).open, itself, stream.ResumeIf(nil))); err != nil {
			t.Error(err)
		}
	})
}

// Like gRPC between two connections: the wait counts from when a call is
// opened, grows up to its limit, and a message resets it.
func TestResumeBacksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := calls(breaks(0, errGone), breaks(0, errGone), lasts(3*time.Second, errGone), breaks(0, errGone), breaks(0, errGone),
			breaks(1, errGone), breaks(0, errGone), lasts(2*time.Second, errGone), breaks(0, nil))
		if _, err := stream.Collect(stream.Resume(t.Context(), s.open, itself, steady)); err != nil {
			t.Error(err)
		}
		want := []time.Duration{0, 1, 1 + 2, 3 + 4, 7 + 5, 12 + 5, 17 + 1, 18 + 1, 19 + 2}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(s.at, want) {
			t.Errorf("opened at %v, want %v", s.at, want)
		}
	})
}

func TestResumeOpensALongCallAgainAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := func(ctx context.Context, after int) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				if yield(after+1, nil) {
					time.Sleep(time.Minute)
					yield(0, errGone)
				}
			}
		}
		s := calls(long, breaks(0, nil))
		if _, err := stream.Collect(stream.Resume(t.Context(), s.open, itself)); err != nil {
			t.Error(err)
		}
		if s.at[1] != time.Minute {
			t.Errorf("opened again after %v, want immediately", s.at[1]-time.Minute)
		}
	})
}

// A server that always fails immediately does not cause a busy loop, whatever the
// options.
func TestResumeIsNeverABusyLoop(t *testing.T) {
	t.Parallel()
	now := mustDetail(codes.Unavailable, &errdetails.RetryInfo{RetryDelay: durationpb.New(0)})
	before := mustDetail(codes.Unavailable, &errdetails.RetryInfo{RetryDelay: durationpb.New(-time.Hour)})
	for name, test := range map[string]struct {
		call func(context.Context, int) iter.Seq2[int, error]
		opts []stream.ResumeOption
	}{
		"default":             {breaks(0, errGone), nil},
		"zero backoff":        {breaks(0, errGone), []stream.ResumeOption{stream.ResumeBackoff(backoff.Config{})}},
		"negative backoff":    {breaks(0, errGone), []stream.ResumeOption{stream.ResumeBackoff(backoff.Config{BaseDelay: -1, Multiplier: -1, MaxDelay: -1, Jitter: -1})}},
		"clean ends":          {breaks(0, nil), []stream.ResumeOption{stream.ResumeIf(func(error) bool { return true })}},
		"the server says now": {breaks(0, now), nil},
		"and before":          {breaks(0, before), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				s := calls(test.call)
				_, err := stream.Collect(stream.Resume(ctx, s.open, itself, test.opts...))
				wantStatus(t, err, codes.DeadlineExceeded)
				// 1 s, 1.6 s, … 2 min in steps of ±20 %, and then every two minutes.
				if n := len(s.at); n < 30 || n > 60 {
					t.Errorf("%d calls in an hour", n)
				}
			})
		})
	}
}

func TestResumeHasJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seen := make(map[time.Duration]bool)
		for range 50 {
			s := calls(breaks(0, errGone), breaks(0, nil))
			if _, err := stream.Collect(stream.Resume(t.Context(), s.open, itself)); err != nil {
				t.Error(err)
			}
			if d := s.at[1]; d < 800*time.Millisecond || d > 1200*time.Millisecond {
				t.Errorf("waited for %v, want 1 s ± 20 %%", d)
			}
			seen[s.at[1]] = true
		}
		if len(seen) < 25 {
			t.Errorf("50 waits were of %d lengths", len(seen))
		}
	})
}

func mustDetail(code codes.Code, info *errdetails.RetryInfo) error {
	s, err := status.New(code, "later").WithDetails(info)
	if err != nil {
		return err
	}
	return s.Err()
}

// A server says with RetryInfo when to retry: never earlier and, after a
// message, exactly then. With it, calls with any code are retried.
func TestResumeObeysRetryInfo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := func(d time.Duration) error {
			return mustDetail(codes.ResourceExhausted, &errdetails.RetryInfo{RetryDelay: durationpb.New(d)})
		}
		s := calls(breaks(0, in(10*time.Second)), breaks(0, in(0)), breaks(1, in(0)), breaks(1, in(7*time.Second)), breaks(0, nil))
		if _, err := stream.Collect(stream.Resume(t.Context(), s.open, itself, steady)); err != nil {
			t.Error(err)
		}
		want := []time.Duration{0, 10 * time.Second, 12 * time.Second, 12 * time.Second, 19 * time.Second}
		if !slices.Equal(s.at, want) {
			t.Errorf("opened at %v, want %v", s.at, want)
		}
	})
}

func TestResumeGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		last := private.WithHost(mustDetail(codes.Unavailable, &errdetails.RetryInfo{RetryDelay: durationpb.New(0)}), "backend.internal")
		s := calls(breaks(0, errGone), breaks(1, errGone), breaks(0, errGone), breaks(0, errGone), breaks(0, last))
		got, err := stream.Collect(stream.Resume(t.Context(), s.open, itself, steady, stream.ResumeAttempts(3)))
		wantInts(t, "messages", got, 1)
		wantInts(t, "opened after", s.afters, 0, 0, 1, 1, 1)
		wantStatus(t, err, codes.Unavailable)
		if !errors.Is(err, last) || !strings.Contains(err.Error(), "gave up after 3 calls") || !strings.Contains(err.Error(), "backend.internal") {
			t.Errorf("error %v", err)
		}
		if st := status.Convert(err); len(st.Details()) != 1 || strings.Contains(st.Message(), "backend.internal") || !strings.Contains(st.Message(), "later") {
			t.Errorf("status %v", st)
		}

		forever := stream.ResumeIf(func(error) bool { return true })
		s = calls(breaks(0, nil))
		_, err = stream.Collect(stream.Resume(t.Context(), s.open, itself, steady, stream.ResumeAttempts(2), forever))
		wantStatus(t, err, codes.Unavailable)
		wantInts(t, "opened after", s.afters, 0, 0)
	})
}

// A stream on which nothing happens has not failed: it is silent.
func TestALongCallCountsAsProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := calls(lasts(5*time.Second, errGone), lasts(5*time.Second, errGone), lasts(5*time.Second, errGone), lasts(time.Second, errGone), lasts(time.Second, errGone))
		_, err := stream.Collect(stream.Resume(t.Context(), s.open, itself, steady, stream.ResumeAttempts(2)))
		wantStatus(t, err, codes.Unavailable)
		if len(s.at) != 5 {
			t.Errorf("%d calls, want the limit after two short ones", len(s.at))
		}
	})
}

func TestOnResumeIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []string
		s := calls(breaks(1, errGone), breaks(0, nil), breaks(0, errGone), breaks(1, nil))
		_, err := stream.Collect(stream.Resume(t.Context(), s.open, itself, steady,
			stream.ResumeIf(func(error) bool { return len(s.at) < 4 }),
			stream.OnResume(func(r stream.Resumption) {
				told = append(told, fmt.Sprint(status.Code(r.Err), r.Fruitless, r.Wait, len(s.at)))
			}),
			stream.OnResume(func(stream.Resumption) { told = append(told, "twice") })))
		if err != nil {
			t.Error(err)
		}
		want := []string{"Unavailable 0 1s 1", "twice", "OK 1 1s 2", "twice", "Unavailable 2 2s 3", "twice"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

// If the context ends while no call is open, the error is that of the context,
// and names what had broken.
func TestTheContextEndsAResume(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		s := calls(breaks(1, errGone))
		_, err := stream.Collect(stream.Resume(ctx, s.open, itself, steady))
		wantStatus(t, err, codes.DeadlineExceeded)
		if !errors.Is(err, errGone) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "gone") {
			t.Errorf("error %v", err)
		}
		if took := time.Since(s.start); took != 500*time.Millisecond {
			t.Errorf("ended after %v", took)
		}
		// The context ends while a call is open, and when the call breaks just
		// then.
		ctx, cancel = context.WithCancel(t.Context())
		s = calls(func(context.Context, int) iter.Seq2[int, error] {
			cancel()
			return breaks(0, errGone)(ctx, 0)
		})
		asked := false
		_, err = stream.Collect(stream.Resume(ctx, s.open, itself, steady, stream.ResumeIf(func(error) bool {
			asked = true
			return true
		})))
		wantStatus(t, err, codes.Canceled)
		if asked {
			t.Error("what is to be done was asked after the end of the context")
		}
		if len(s.at) != 1 || !time.Now().Equal(s.start) {
			t.Errorf("%d calls, after %v", len(s.at), time.Since(s.start))
		}
		// A clean end stays a clean end.
		s = calls(breaks(1, nil))
		if _, err = stream.Collect(stream.Resume(ctx, s.open, itself)); err != nil {
			t.Error(err)
		}
	})
}

// Each call has a context that ends with it, before the call is ended.
func TestTheContextOfACallEndsWithIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var contexts []context.Context
		endless := func(ctx context.Context, after int) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				if yield(after+1, nil) {
					t.Error("the loop continues")
				}
				if ctx.Err() == nil {
					t.Error("the call ends before its context")
				}
			}
		}
		s := calls(breaks(1, errGone), endless)
		for n, err := range stream.Resume(t.Context(), func(ctx context.Context, after int) iter.Seq2[int, error] {
			for _, c := range contexts {
				if c.Err() == nil {
					t.Error("the context of a call that has broken continues")
				}
			}
			contexts = append(contexts, ctx)
			return s.open(ctx, after)
		}, itself, steady) {
			if err != nil {
				t.Fatal(err)
			}
			if n == 2 {
				break
			}
		}
		if len(contexts) != 2 || contexts[1].Err() == nil {
			t.Errorf("%d calls", len(contexts))
		}
	})
}

func TestResumeRefusesANilSequence(t *testing.T) {
	t.Parallel()
	_, err := stream.Collect(stream.Resume(t.Context(), func(context.Context, int) iter.Seq2[int, error] { return nil }, itself))
	wantStatus(t, err, codes.Internal)
	if !strings.Contains(err.Error(), "given to Resume") {
		t.Errorf("error %v", err)
	}
}

// A panic of the loop passes through and ends the call.
func TestAPanicLeavesAResume(t *testing.T) {
	t.Parallel()
	ended := false
	defer func() {
		if r := recover(); r != "left" || !ended {
			t.Errorf("recovered %v, the call has ended: %v", r, ended)
		}
	}()
	open := func(ctx context.Context, _ int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			defer func() { ended = ctx.Err() != nil }()
			yield(1, nil)
		}
	}
	for _, err := range stream.Resume(t.Context(), open, itself) {
		_ = err
		panic("left")
	}
}
