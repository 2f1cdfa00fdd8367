package gateway

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"

	"github.com/gohostrpc/gohost/internal/frame"
)

// Option is an option of [Conn]. Of several options of one kind the last one wins, unless
// its documentation says that they add up.
type Option interface {
	applyTo(*options) error
}

// options holds the options of a connection.
type options struct {
	forwarded []string        // keys of metadata
	withheld  map[string]bool // and of headers and trailers
	choose    HostFunc        // of the host; nil if the stub chooses
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
		errs = append(errs, errors.New("Conn was given a nil connection"))
	}
	for _, opt := range opts {
		errs = append(errs, opt.applyTo(&c.options))
	}
	if err := errors.Join(errs...); err != nil {
		c.err = failed(err)
	}
	return c
}

// Errors returns an option with which replace chooses the error that a client of the
// gateway gets. It is called for a call of the method, such as
// "/square.v1.SquareService/Square", that has failed. err is what the client would get
// without the option: its status would be sent, and its text, for this process, has
// everything. So replace is also the place to log it.
//
//	gateway.Errors(func(ctx context.Context, method string, err error) error {
//		slog.WarnContext(ctx, "upstream", "method", method, "error", err)
//		return err
//	})
//
// The result of replace is sent with its code, its message and its details. An error
// without a status has the code Unknown and its whole text as message. If replace
// returns nil, io.EOF or an error with the status OK, err is sent: a failed call never
// becomes a success. replace is not called for calls that the client, or the
// implementation around the stub, has left. It may be called concurrently. By default, and
// if replace is nil, clients get err.
func Errors(replace func(ctx context.Context, method string, err error) error) Option {
	return option(func(o *options) error {
		o.errors = replace
		return nil
	})
}

// Raw returns an option that passes messages on without decoding them, if the registered
// implementation is itself a stub on such a connection. By default messages are decoded.
//
//	pb.RegisterSquareService(server, pb.NewSquareServiceStub(gateway.Conn(upstream, gateway.Raw())))
//
// It is for gateways whose interceptors do not look at messages. Instead of each
// message, all interceptors of the server and of upstream see a *[Frame], and so do
// stats handlers. A frame is not a proto.Message, and its Validate and ValidateAll fail,
// so an interceptor that validates messages refuses the calls. An interceptor that
// ignores unknown types lets them pass: decode Frame.Bytes there, or do not use Raw. An
// interceptor must pass on the frame that it was given.
//
// The gateway does not check whether the bytes are a valid message. The upstream and the
// client do.
//
// Messages are still decoded with Raw if the implementation is a value around the stub,
// if the stub has an option that names a codec, and for clients that ask for another
// codec than that of Protocol Buffers. If a server has a codec of its own, wrap it with
// [Codec]. If an upstream needs another codec than that of Protocol Buffers, do not use
// Raw.
func Raw() Option {
	return option(func(o *options) error {
		o.frames = true
		return nil
	})
}

// Frame is what interceptors see instead of a message, with [Raw]. It is a message as on
// the wire, without the compression and the length that gRPC adds. Its method Bytes
// returns a copy of the message, and Len its length. Its other methods are for codecs
// and validators.
//
// After a frame has been passed on, it is reused for the next message of its stream. Many
// goroutines may call its methods concurrently. A goroutine that keeps a frame finds
// another message in it, or none.
type Frame = frame.Frame

// PassesFrames reports to package stub whether Raw is used.
func (c *conn) PassesFrames() bool { return c.frames }

var _ frame.Conn = (*conn)(nil)

// Codec returns a codec for servers that does not copy the frames of [Raw] between the
// connections:
//
//	grpc.NewServer(grpc.ForceServerCodecV2(gateway.Codec(nil)))
//
// Without it each frame is copied once or twice, which matters for messages of some KiB
// and more. other is the codec of all other messages of the server; nil means grpc's
// codec for Protocol Buffers. A server with a codec cannot serve clients that ask for
// another one.
func Codec(other encoding.CodecV2) encoding.CodecV2 { return frame.Codec{Other: other} }
