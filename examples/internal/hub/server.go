package hub

import (
	"context"
	"fmt"
	"iter"
	"log"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// Server implements the service of helloworld.proto.
type Server struct {
	Interval time.Duration // between two greetings
	Hub      *Hub
	Log      *log.Logger
}

// SayHello greets once.
func (Server) SayHello(_ context.Context, req *greeter.HelloRequest) (*greeter.HelloReply, error) {
	if req.GetName() == "" {
		return nil, nameless("there is nobody to greet")
	}
	return &greeter.HelloReply{Message: "Hello " + req.GetName()}, nil
}

// SayHelloStreamReply greets once per interval, until the client leaves or the server
// stops.
func (s Server) SayHelloStreamReply(ctx context.Context, req *greeter.HelloRequest) iter.Seq2[*greeter.HelloReply, error] {
	return func(yield func(*greeter.HelloReply, error) bool) {
		ticker := time.NewTicker(s.Interval)
		defer ticker.Stop()
		n, gone := 1, true
		defer func() {
			if gone { // ctx.Err() may still be nil when yield has returned false
				s.Log.Printf("%s has gone after %d greetings", req.GetName(), n)
			}
		}()
		for ; yield(greeting(req.GetName(), n), nil); n++ {
			// Code that waits for anything other than yield checks the context.
			select {
			case <-ticker.C:
			case <-ctx.Done():
				yield(nil, ctx.Err()) // otherwise an incomplete stream would look complete
				return
			case <-drain.Done(ctx):
				gone = false
				return
			}
		}
	}
}

// nameless returns the error of a request without a name. Its details say which field
// is wrong, so that a client can show the error there.
func nameless(message string) error {
	s, err := status.New(codes.InvalidArgument, message).WithDetails(&errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "name", Description: "must not be empty"}},
	})
	if err != nil {
		return err
	}
	return s.Err()
}

func greeting(name string, n int) *greeter.HelloReply {
	return &greeter.HelloReply{Message: fmt.Sprintf("Hello %s, number %d", name, n)}
}

// SayHelloBidiStream greets each client as its request arrives.
func (s Server) SayHelloBidiStream(ctx context.Context, reqs iter.Seq2[*greeter.HelloRequest, error]) iter.Seq2[*greeter.HelloReply, error] {
	return stream.Map(reqs, func(req *greeter.HelloRequest) (*greeter.HelloReply, error) { return s.SayHello(ctx, req) })
}

// SayHelloStream2 is a visit to the hub.
func (s Server) SayHelloStream2(ctx context.Context, req *greeter.HelloRequest) iter.Seq2[*greeter.GreetingMessage, error] {
	return s.Hub.Visit(ctx, req.GetName())
}
