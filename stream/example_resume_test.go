package stream_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// restarting yields the numbers after the one that the caller has. It breaks
// after every second one, like a server that is restarted.
func restarting(after float64) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for n := after + 1; n <= after+2; n++ {
			if !yield(&squares.Message{Message: n}, nil) {
				return
			}
		}
		yield(nil, status.Error(codes.Unavailable, "the server is restarted"))
	}
}

func ExampleResume() {
	quick := stream.ResumeBackoff(backoff.Config{BaseDelay: time.Millisecond})
	events := stream.Resume(context.Background(), func(_ context.Context, after float64) iter.Seq2[*squares.Message, error] {
		return restarting(after)
	}, (*squares.Message).GetMessage, quick)
	for event, err := range events {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.GetMessage())
		if event.GetMessage() == 5 {
			break
		}
	}
	// Output:
	// 1
	// 2
	// 3
	// 4
	// 5
}

// This watch continues when the server ends it well, gives up after five calls
// without a message, and logs what happens.
func ExampleResumeOption() {
	options := []stream.ResumeOption{
		stream.ResumeIf(func(err error) bool { return err == nil || stream.Resumable(err) }),
		stream.ResumeAttempts(5),
		stream.ResumeBackoff(backoff.Config{BaseDelay: time.Millisecond, Multiplier: 2}),
		stream.OnResume(func(r stream.Resumption) {
			slog.Debug("the stream has broken", "error", r.Err, "fruitless", r.Fruitless, "wait", r.Wait)
		}),
	}
	tries := 0
	_, err := stream.Collect(stream.Resume(context.Background(), func(context.Context, float64) iter.Seq2[*squares.Message, error] {
		tries++
		return stream.Of[*squares.Message]()
	}, (*squares.Message).GetMessage, options...))
	fmt.Println(tries, "calls,", err)
	// Output:
	// 5 calls, rpc error: code = Unavailable desc = stream: gave up after 5 calls without a message, which all ended well
}

func ExampleResumable() {
	fmt.Println(stream.Resumable(status.Error(codes.Unavailable, "connection refused")))
	fmt.Println(stream.Resumable(status.Error(codes.Internal, "stream terminated by RST_STREAM with error code: INTERNAL_ERROR")))
	fmt.Println(stream.Resumable(status.Error(codes.Internal, "the handler's own")))
	fmt.Println(stream.Resumable(status.Error(codes.OutOfRange, "position 7 is gone")))
	// Output:
	// true
	// true
	// false
	// false
}
