package peers

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func callDeadline(p peer) {
	t, ctx := p.t, p.ctx
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := greeter.NewGreeterStub(p).SayHello(ctx, &greeter.HelloRequest{Name: "wait"})
	if !p.atDeadline(ctx, err, codes.Unavailable) {
		t.Errorf("error %v, want DeadlineExceeded", err)
	}
	p.saw("has a deadline")
	p.saw("canceled")
}

func callDeadlineStream(p peer) {
	t, ctx := p.t, p.ctx
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	got, err := stream.Collect(greeter.NewGreeterStub(p).SayHelloStreamReply(ctx, &greeter.HelloRequest{Name: "wait"}))
	if !p.atDeadline(ctx, err, codes.Internal) || len(got) != 1 {
		t.Errorf("error %v, want DeadlineExceeded, after %v", err, got)
	}
	p.saw("has a deadline")
	p.saw("canceled")
}

// atDeadline reports whether err is the error of a call at the deadline of ctx. The
// server's timer runs, too, and then grpc's server resets the call. nginx turns this
// into its own error with the code byNginx, which a client with a late timer gets
// first.
func (p peer) atDeadline(ctx context.Context, err error, byNginx codes.Code) bool {
	deadline, _ := ctx.Deadline()
	code := status.Code(err)
	return code == codes.DeadlineExceeded || p.nginx && code == byNginx && !time.Now().Before(deadline)
}

func callCancel(p peer) {
	t, ctx := p.t, p.ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := greeter.NewGreeterStub(p).SayHello(ctx, &greeter.HelloRequest{Name: "wait"})
		ended <- err
	}()
	p.saw("waits")
	cancel()
	if err := <-ended; status.Code(err) != codes.Canceled {
		t.Errorf("error %v, want Canceled", err)
	}
	p.saw("canceled")
}

func callBreak(p peer) {
	t, ctx := p.t, p.ctx
	for res, err := range squares.NewSquareServiceStub(p).RangeSquare(ctx, number(1e9)) {
		if err != nil {
			t.Error(err)
		}
		if res.GetMessage() == 25 {
			break
		}
	}
	p.saw("ended")
}

func callBreakWaiting(p peer) {
	t, ctx := p.t, p.ctx
	for _, err := range greeter.NewGreeterStub(p).SayHelloStreamReply(ctx, &greeter.HelloRequest{Name: "wait"}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	p.saw("canceled")
}

func callBreakBidi(p peer) {
	t, ctx := p.t, p.ctx
	for _, err := range squares.NewSquareServiceStub(p).StreamrangeSquare(ctx, stream.From(forever)) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	p.saw("ended")
}

// To the server, a producer that fails must not look like the end of the requests.
func callProducerFails(p peer) {
	t, ctx := p.t, p.ctx
	failure := errors.New("the disk is gone")
	_, err := squares.NewSquareServiceStub(p).SumSquare(ctx, func(yield func(*squares.Message, error) bool) {
		if yield(number(-1), nil) {
			p.saw("waits")
			yield(nil, failure)
		}
	})
	if !errors.Is(err, failure) {
		t.Errorf("error %v, want %v", err, failure)
	}
	p.saw("canceled")
}

func callEarlyAnswer(p peer) {
	t, ctx := p.t, p.ctx
	res, err := squares.NewSquareServiceStub(p).SumSquare(ctx, func(yield func(*squares.Message, error) bool) {
		_ = yield(number(2), nil) && yield(number(0), nil)
		for yield(number(3), nil) {
		}
	})
	if err != nil || res.GetMessage() != 4 {
		t.Errorf("SumSquare(2, 0, 3, 3, …) = %v, %v", res, err)
	}
}

// The producer waits for something of its own, and the answer arrives immediately.
func callAnswerWhileWaiting(p peer) {
	t := p.t
	start := time.Now()
	res, err := stream.ScopeResult(p.ctx, func(ctx context.Context) (*squares.Message, error) {
		return squares.NewSquareServiceStub(p).SumSquare(ctx, func(yield func(*squares.Message, error) bool) {
			_ = yield(number(2), nil) && yield(number(0), nil)
			<-ctx.Done()
		})
	})
	if err != nil || res.GetMessage() != 4 {
		t.Errorf("SumSquare(2, 0, …) = %v, %v", res, err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the answer took %v", took)
	}
}
