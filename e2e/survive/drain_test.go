package survive

import (
	"context"
	"fmt"
	"iter"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/testdata/squares"
)

type messages = iter.Seq2[*squares.Message, error]

// endless yields one message, and then waits: RangeSquare for the end of its context,
// and StreamrangeSquare for requests.
type endless struct {
	squares.UnimplementedSquareService
}

func (endless) RangeSquare(ctx context.Context, req *squares.Message) messages {
	return func(yield func(*squares.Message, error) bool) {
		if yield(req, nil) {
			<-ctx.Done()
			yield(nil, ctx.Err())
		}
	}
}

func (endless) StreamrangeSquare(_ context.Context, reqs messages) messages {
	return func(yield func(*squares.Message, error) bool) {
		if !yield(&squares.Message{}, nil) {
			return
		}
		for _, err := range reqs {
			yield(nil, err)
			return
		}
	}
}

// A server with ten thousand streams that do not end by themselves ends when its grace
// period is over. Each stream ends with ErrReopen.
func TestTenThousandStreams(t *testing.T) { //nolint:paralleltest // it measures
	silent := func(func(*squares.Message, error) bool) { <-t.Context().Done() }
	for name, open := range map[string]func(squares.SquareService) messages{ //nolint:paralleltest // one after the other
		"waiting for the context": func(s squares.SquareService) messages { return s.RangeSquare(t.Context(), &squares.Message{}) },
		"waiting for requests":    func(s squares.SquareService) messages { return s.StreamrangeSquare(t.Context(), silent) },
	} {
		t.Run(name, func(t *testing.T) {
			server := drain.NewServer(insecure.NewCredentials(), drain.Options{Grace: grace})
			squares.RegisterSquareService(server, endless{})
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, end := context.WithCancel(t.Context())
			defer end()
			served := make(chan error, 1)
			go func() { served <- server.Serve(ctx, listener) }()

			const streams, each = 10_000, 1_000
			var begun, ended sync.WaitGroup
			wrong := make(chan error, streams)
			for range streams / each {
				conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close() //nolint:errcheck // its streams have ended
				service := squares.NewSquareServiceStub(conn)
				begun.Add(each)
				for range each {
					ended.Go(func() {
						begin := sync.OnceFunc(begun.Done)
						for _, err := range open(service) {
							begin()
							if err != nil && status.Convert(err).String() != status.Convert(drain.ErrReopen).String() {
								wrong <- err
							}
						}
					})
				}
			}
			begun.Wait()
			asked := time.Now()
			end()
			if err := <-served; err != nil {
				t.Error(err)
			}
			took := time.Since(asked) - grace
			if took > late {
				t.Errorf("the server ended %v after its grace period", took)
			}
			ended.Wait()
			if len(wrong) > 0 {
				t.Errorf("%d streams have ended with other errors, such as %v", len(wrong), <-wrong)
			}
			t.Attr("seen", fmt.Sprintf("%d streams; the server ended %d ms after its grace", streams, took.Milliseconds()))
		})
	}
}
