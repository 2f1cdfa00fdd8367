package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/await"
	"github.com/gohostrpc/gohost/internal/private"
	"github.com/gohostrpc/gohost/internal/pushback"
)

// ResumeOption is an option of [Resume]. Later options win over earlier ones, except that
// all functions of [OnResume] are called.
type ResumeOption func(*resumer)

// ResumeIf returns an option with which decide, instead of [Resumable], says whether
// to open the stream again after the error err. err is nil if the server has ended the
// stream without an error. A watch that must not end continues in that case too:
//
//	stream.ResumeIf(func(err error) bool { return err == nil || stream.Resumable(err) })
//
// decide is called on the goroutine of the loop. It is not called when the
// context has ended, or when the server forbids another try by pushback.
func ResumeIf(decide func(err error) bool) ResumeOption {
	return func(r *resumer) { r.decide = decide }
}

// ResumeBackoff returns an option with which Resume waits as in c, instead of
// [backoff.DefaultConfig]: one second, then 1.6 times longer each time, at most two
// minutes, each ±20 %. A delay or multiplier of zero or less is replaced by that of
// DefaultConfig, so that every configuration waits. A jitter is limited to 0 to 1.
func ResumeBackoff(c backoff.Config) ResumeOption {
	return func(r *resumer) { r.backoff = c }
}

// ResumeAttempts returns an option with which Resume gives up after n calls in a row
// without progress: calls that have brought no message, and have not been open for the
// longest delay of the backoff. The error at the end has the status of the last call,
// and errors.Is finds that call's error. Without the option, or for n < 1, only the
// context is a limit.
func ResumeAttempts(n int) ResumeOption {
	return func(r *resumer) { r.attempts = n }
}

// OnResume returns an option with which f is called when a call has broken and another
// one will be opened, before the wait for that. f is called on the goroutine of the
// loop, which waits for it.
func OnResume(f func(Resumption)) ResumeOption {
	return func(r *resumer) { r.onResume = append(r.onResume, f) }
}

// Resumption is the argument of [OnResume]'s function.
type Resumption struct {
	// Err is why the call has ended; nil if it has ended without an error and the
	// function of ResumeIf continues.
	Err error
	// Fruitless is the number of calls in a row without progress. It is zero if
	// this call made progress.
	Fruitless int
	// Wait is the time until the next call is opened.
	Wait time.Duration
}

// resumer decides what comes after a try.
type resumer struct {
	decide   func(error) bool
	backoff  backoff.Config
	attempts int
	onResume []func(Resumption)
}

func newResumer(opts []ResumeOption) *resumer {
	r := &resumer{decide: Resumable, backoff: backoff.DefaultConfig}
	for _, opt := range opts {
		opt(r)
	}
	if r.decide == nil {
		r.decide = Resumable
	}
	if r.backoff.BaseDelay <= 0 {
		r.backoff.BaseDelay = backoff.DefaultConfig.BaseDelay
	}
	if r.backoff.Multiplier <= 0 {
		r.backoff.Multiplier = backoff.DefaultConfig.Multiplier
	}
	if r.backoff.MaxDelay <= 0 {
		r.backoff.MaxDelay = backoff.DefaultConfig.MaxDelay
	}
	r.backoff.Jitter = min(max(r.backoff.Jitter, 0), 1)
	return r
}

// fresh reports whether a try was good enough for the next one to start anew.
func (r *resumer) fresh(t try) bool {
	return t.progress || time.Since(t.opened) >= r.backoff.MaxDelay
}

// next returns true when it is time for the next try, after t and tries without
// progress. Otherwise it returns the error at the end, nil for a clean end.
func (r *resumer) next(ctx context.Context, t try, tries int) (bool, error) {
	if err := ctx.Err(); err != nil && t.err != nil {
		return false, endOfContext(err, t.err)
	}
	pushed, isPushed := pushback.Of(t.err)
	if pushed.Never || !r.decide(t.err) {
		return false, t.err
	}
	if r.attempts > 0 && tries >= r.attempts {
		return false, gaveUp(tries, t.err)
	}
	wait := r.wait(t, tries)
	if isPushed {
		wait = asTold(pushed.Wait, wait, t)
	}
	for _, f := range r.onResume {
		f(Resumption{Err: t.err, Fruitless: tries, Wait: wait})
	}
	return sleep(ctx, wait, t.err)
}

// wait returns how long to wait by the backoff, counted from when a try began.
func (r *resumer) wait(t try, tries int) time.Duration {
	delay, longest := float64(r.backoff.BaseDelay), float64(r.backoff.MaxDelay)
	for range tries - 1 {
		if delay *= r.backoff.Multiplier; delay >= longest {
			break
		}
	}
	delay = min(delay, longest) * (1 + r.backoff.Jitter*(2*rand.Float64()-1))
	return max(time.Duration(delay)-time.Since(t.opened), 0)
}

// asTold returns how long to wait if the server says so. Only after a try with
// progress does the server alone decide: a server that always says "now" must not make
// its clients spin.
func asTold(told, wait time.Duration, t try) time.Duration {
	if t.progress {
		return max(told, 0)
	}
	return max(told, wait)
}

// sleep returns true after d, and the error at the end if ctx ends before.
func sleep(ctx context.Context, d time.Duration, last error) (bool, error) {
	// If both are ready, Within takes either.
	if await.Within(ctx.Done(), d) || ctx.Err() != nil {
		return false, endOfContext(ctx.Err(), last)
	}
	return true, nil
}

// endOfContext returns the error of a sequence whose context has ended with err
// after a call that had ended with last.
func endOfContext(err, last error) error {
	ended := status.FromContextError(err)
	if last == nil {
		return ended.Err()
	}
	if status.Code(last) == ended.Code() {
		return last // it is the end of the context already
	}
	return &resumeError{text: err.Error() + ", after the stream had broken", status: ended, causes: []error{last, err}}
}

// gaveUp returns the error after tries calls, the last of which ended with last.
func gaveUp(tries int, last error) error {
	if last == nil {
		return status.Errorf(codes.Unavailable, "stream: gave up after %d calls without a message, which all ended well", tries)
	}
	text := fmt.Sprintf("stream: gave up after %d calls without a message", tries)
	return &resumeError{text: text, status: status.Convert(last), causes: []error{last}}
}

// resumeError is the error of a Resume that has ended for a reason of its own.
type resumeError struct {
	text   string
	status *status.Status // has the code and the details
	causes []error        // the first is that of the last call
}

func (e *resumeError) Error() string { return e.text + ": " + e.causes[0].Error() }

func (e *resumeError) Unwrap() []error { return e.causes }

// GRPCStatus returns the error's status, for package status. It does not contain what
// the last error tells only in this process, such as the host of the call.
func (e *resumeError) GRPCStatus() *status.Status {
	p := e.status.Proto()
	p.Message = e.text + ": " + status.Convert(private.Public(e.causes[0])).Message()
	return status.FromProto(p)
}
