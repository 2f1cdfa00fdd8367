package gateway

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"

	"github.com/gohostrpc/gohost/internal/frame"
)

// Option is an option of [Conn].
type Option interface {
	applyTo(*options) error
}

// options are what the options of a connection say.
type options struct {
	forwarded []string        // keys of metadata
	withheld  map[string]bool // and of headers and trailers
	choose    HostFunc        // of the host; nil where the stub does
	errors    func(ctx context.Context, method string, err error) error
	frames    bool
}

// option is an Option that is a function.
type option func(*options) error

func (o option) applyTo(all *options) error { return o(all) }

// newConn returns the connection of Conn.
func newConn(upstream grpc.ClientConnInterface, opts []Option) *conn {
	c := &conn{upstream: upstream}
	c.forwarded = tracing
	var errs []error
	if upstream == nil {
		errs = append(errs, errors.New("Conn has been given no connection"))
	}
	for _, opt := range opts {
		errs = append(errs, opt.applyTo(&c.options))
	}
	if err := errors.Join(errs...); err != nil {
		c.err = failed(err)
	}
	return c
}

// Errors returns an option by which replace says which error a client of the
// gateway gets, for a call that has failed in the method such as
// "/square.v1.SquareService/Square". err is what the client would get without it:
// its status is sent, and its text, for this process, tells all there is to know:
// so replace is also the place to log it.
//
//	gateway.Errors(func(ctx context.Context, method string, err error) error {
//		slog.WarnContext(ctx, "upstream", "method", method, "error", err)
//		return err
//	})
//
// What replace returns is sent with its code, its message and its details; an
// error without a status has the code Unknown and its whole text for a message. A
// nil error, io.EOF and one with the status OK count as err: a call that has
// failed does not succeed by that. Calls that the client, or the implementation
// around the stub, has left are not given to replace. It may be called
// concurrently.
func Errors(replace func(ctx context.Context, method string, err error) error) Option {
	return option(func(o *options) error {
		o.errors = replace
		return nil
	})
}

// Raw returns an option by which messages are passed on without being decoded,
// where the implementation that is registered is a stub itself on such a
// connection:
//
//	pb.RegisterSquareService(server, pb.NewSquareServiceStub(gateway.Conn(upstream, gateway.Raw())))
//
// It is for gateways whose interceptors look at no messages: in the place of each
// message, all interceptors, of the server and of upstream, see a *[Frame], and
// so do stats handlers. A frame is no proto.Message, and its Validate and
// ValidateAll fail: an interceptor that validates messages refuses the calls. One
// that ignores what it does not know lets them pass: decode Frame.Bytes there, or
// do without Raw. An interceptor hands on the frame that it was given.
//
// Whether the bytes are a valid message, the upstream and the client find out.
//
// Messages are decoded, as without Raw, where the implementation is something
// around the stub, where the stub has an option that names a codec, and for
// clients that ask for another codec than that of Protocol Buffers. A server that
// is given a codec of its own needs [Codec] around it, and an upstream that must
// be called with another one than that of Protocol Buffers is not for Raw.
func Raw() Option {
	return option(func(o *options) error {
		o.frames = true
		return nil
	})
}

// Frame is what interceptors see instead of a message, with [Raw]: a message as
// it is on the wire, without the compression and the length that gRPC adds. Its
// method Bytes returns a copy of the message, and Len how long it is. Its other
// methods are for codecs and validators.
//
// When it has been passed on, a frame is used for the next message of its stream.
// Many goroutines may call its methods concurrently; one that keeps a frame finds
// another message in it, or none.
type Frame = frame.Frame

// PassesFrames tells package stub whether Raw has been asked for.
func (c *conn) PassesFrames() bool { return c.frames }

var _ frame.Conn = (*conn)(nil)

// Codec returns a codec for servers by which the frames of [Raw] are not copied
// between the connections:
//
//	grpc.NewServer(grpc.ForceServerCodecV2(gateway.Codec(nil)))
//
// Without it each is copied once or twice, which matters for messages of some
// KiB and more. All other messages of the server are those of other; nil is grpc's
// codec for Protocol Buffers. A server with a codec is not for clients that ask for
// another one.
func Codec(other encoding.CodecV2) encoding.CodecV2 { return frame.Codec{Other: other} }
