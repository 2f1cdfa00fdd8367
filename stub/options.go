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
// f is called at most once an RPC, on the goroutine of the caller, who then
// owns the metadata; in a call that ends without a header it is not called.
// The stubs of this module know the option; others ignore it.
//
// A client-streaming call looks for the header when all requests are sent.
func OnHeader(f func(header metadata.MD)) grpc.CallOption { return onHeader{f: f} }

type reuse struct{ grpc.EmptyCallOption }

// ReuseMessages returns a CallOption by which a stream's messages are all
// received into one: a message is valid until the next iteration of the loop,
// and must be copied (proto.Clone) to be kept. It saves an allocation a
// message. The stubs of this module know the option; others ignore it.
func ReuseMessages() grpc.CallOption { return reuse{} }
