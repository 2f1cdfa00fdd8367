package stub

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

type onHeader struct {
	grpc.EmptyCallOption
	f func(metadata.MD)
}

// OnHeader returns a CallOption that hands over the response's header once it
// has arrived: on a stream before the first message, and as soon as the server
// sends it, which may be long before; on a unary call before the call returns.
// A client-streaming call hands it over while it goes on to send.
//
// f is called at most once per RPC, on the goroutine of the caller, who then
// owns the metadata. If a call ends without a header, f is not called. The stubs
// of this module know the option; others ignore it.
func OnHeader(f func(header metadata.MD)) grpc.CallOption { return onHeader{f: f} }

type reuse struct{ grpc.EmptyCallOption }

// ReuseMessages returns a CallOption by which a stream's messages are all
// received into one: a message is valid until the next iteration of the loop,
// and must be copied (proto.Clone) to be kept. It saves an allocation per
// message. The message is reset before the next one is received into it, by
// ResetVT if it has that, else by Reset. The stubs of this module know the
// option; others ignore it.
func ReuseMessages() grpc.CallOption { return reuse{} }
