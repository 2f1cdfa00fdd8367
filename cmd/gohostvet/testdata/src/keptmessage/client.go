package keptmessage

import (
	"context"
	"iter"
	"sync"

	"github.com/gohostrpc/gohost/stream"
	"google.golang.org/grpc"
	"squares"
)

func clone(msg *squares.Message) *squares.Message {
	c := *msg
	return &c
}

func appended(ctx context.Context, conn grpc.ClientConnInterface) ([]*squares.Message, error) {
	service := squares.NewSquareServiceStub(conn).With(stream.ReuseMessages())
	var all []*squares.Message
	for msg, err := range service.RangeSquare(ctx, nil) {
		if err != nil {
			return nil, err
		}
		all = append(all, msg) // want `the message is kept past its iteration, but is reused for the next one: clone it`
	}
	return all, nil
}

type pair struct {
	msg  *squares.Message
	note string
}

type client struct {
	fresh, reusing squares.SquareServiceStub
	last           *squares.Message
	byNumber       map[float64]*squares.Message
}

func newClient(conn grpc.ClientConnInterface) *client {
	fresh := squares.NewSquareServiceStub(conn)
	return &client{fresh: fresh, reusing: fresh.With(stream.ReuseMessages())}
}

func (c *client) kept(ctx context.Context, out chan<- *squares.Message) {
	var wg sync.WaitGroup
	var pairs []pair
	var whole []any
	responses := c.reusing.RangeSquare(ctx, nil)
	for msg, err := range responses {
		if err != nil {
			break
		}
		c.last = msg                         // want `kept`
		c.byNumber[msg.Number] = msg         // want `kept`
		out <- msg                           // want `sent to a channel`
		go use(msg)                          // want `used by another goroutine`
		wg.Go(func() { use(msg) })           // want `used by another goroutine`
		defer use(msg)                       // want `used by a deferred function`
		pairs = append(pairs, pair{msg, ""}) // want `kept`
		whole = append(whole, any(msg))      // want `kept`
		same := msg
		holder := &pair{msg: same}
		pairs = append(pairs, *holder)
		c.last = same // want `kept`
	}
	use(pairs, whole)
	all, err := stream.Collect(responses) // want `all collected messages are the same reused message`
	use(all, err)
}

func previous(ctx context.Context, service squares.SquareService, conn grpc.ClientConnInterface) {
	opts := []grpc.CallOption{stream.ReuseMessages()}
	service = squares.NewSquareServiceStub(conn).With(opts...)
	var previous *squares.Message
	for msg, err := range service.StreamrangeSquare(ctx, nil) {
		if err != nil {
			return
		}
		use(previous, msg)
		previous = msg // want `kept`
	}
}

func good(ctx context.Context, c *client, yield func(*squares.Message, error) bool) *squares.Message {
	var all []*squares.Message
	// A new message each time.
	for msg, err := range c.fresh.RangeSquare(ctx, nil) {
		use(err)
		all = append(all, msg)
	}
	collected, err := stream.Collect(c.fresh.RangeSquare(ctx, nil))
	use(collected, err)
	var sum float64
	var current, found *squares.Message
	reusing := c.reusing.With()
	for msg, err := range reusing.RangeSquare(ctx, nil) {
		if err != nil {
			return nil
		}
		all = append(all, clone(msg))
		sum += msg.Number
		current = msg // not used once there is another one
		use(current)
		if !yield(msg, nil) {
			return nil
		}
		same := msg
		use(same, pair{msg: same})
		if msg.Number > 3 {
			found = msg // the loop ends here
			break
		}
		if msg.Number > 2 {
			return msg
		}
	}
	mapped := stream.Map(reusing.RangeSquare(ctx, nil), func(msg *squares.Message) (*squares.Message, error) { return clone(msg), nil })
	for msg, err := range mapped {
		use(err)
		all = append(all, msg)
	}
	use(all, sum)
	return found
}

func unknown(ctx context.Context, service squares.SquareService, seq iter.Seq2[*squares.Message, error]) {
	var all []*squares.Message
	for msg, err := range service.RangeSquare(ctx, nil) {
		use(err)
		all = append(all, msg)
	}
	for msg, err := range seq {
		use(err)
		all = append(all, msg)
	}
	use(all)
}

func use(...any) {}

// The result of With reuses messages if its receiver does.
func (c *client) more(ctx context.Context) {
	var all []*squares.Message
	positional := struct{ service squares.SquareServiceStub }{c.reusing.With()}
	for msg, err := range positional.service.RangeSquare(ctx, nil) {
		use(err)
		all = append(all, msg) // want `kept`
	}
	use(all)
}

// Pointers to a stub, which may be set by them.
func byPointer(ctx context.Context, conn grpc.ClientConnInterface, set *squares.SquareServiceStub) {
	var all []*squares.Message
	*set = squares.NewSquareServiceStub(conn).With(stream.ReuseMessages())
	for msg, err := range set.RangeSquare(ctx, nil) {
		use(err)
		all = append(all, msg) // want `kept`
	}
	service := squares.NewSquareServiceStub(conn).With(stream.ReuseMessages())
	pointer := &service
	for msg, err := range (*pointer).RangeSquare(ctx, nil) {
		use(err)
		all = append(all, msg) // want `kept`
	}
	use(all)
}

// A value that contains a message keeps it.
func holders(ctx context.Context, c *client) {
	var addresses []**squares.Message
	var pointers []*pair
	var pairs []pair
	var pairsByName []map[string]*squares.Message
	for msg, err := range c.reusing.RangeSquare(ctx, nil) {
		use(err)
		addresses = append(addresses, &msg)                                                  // want `kept`
		pointers = append(pointers, &pair{msg, ""})                                          // want `kept`
		pairs = append(pairs, pair{note: "keyed", msg: msg})                                 // want `kept`
		pairsByName = append(pairsByName, map[string]*squares.Message{"a": nil, "b": (msg)}) // want `kept`
		pairs = append(pairs, pair{msg: clone(msg)}, pair{note: "without"})
	}
	use(addresses, pointers, pairs, pairsByName)
}

// One option or several may be passed through variables and functions.
func options(ctx context.Context, conn grpc.ClientConnInterface, base []grpc.CallOption) {
	var all []*squares.Message
	opts := append(base, wrap(stream.ReuseMessages()))
	for msg, err := range squares.NewSquareServiceStub(conn).With(opts...).RangeSquare(ctx, nil) {
		use(err)
		all = append(all, msg) // want `kept`
	}
	plain := append(base, wrap(nil))
	for msg, err := range squares.NewSquareServiceStub(conn).With(plain...).RangeSquare(ctx, nil) {
		use(err)
		all = append(all, msg)
	}
	use(all)
}

func wrap(opt grpc.CallOption) grpc.CallOption { return opt }
