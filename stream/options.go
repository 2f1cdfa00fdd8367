package stream

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/internal/option"
)

// OnHeader returns a CallOption that hands over the response's header once it
// has arrived: on a stream before the first message, and as soon as the server
// sends it, which may be long before; on a unary call before the call returns.
// A client-streaming call hands it over while it goes on to send.
//
// f is called at most once per RPC, on the goroutine of the caller, which then
// owns the metadata. If a call ends without a header, f is not called. The stubs
// that protoc-gen-gohost generates know the option; others ignore it.
func OnHeader(f func(header metadata.MD)) grpc.CallOption { return option.OnHeader{F: f} }

// ReuseMessages returns a CallOption by which the messages of a stream are all
// received into one: a message is valid until the next iteration of the loop,
// and must be copied (proto.Clone) to be kept. It saves an allocation per
// message. The message is reset before the next one is received into it, by
// ResetVT if it has that, else by Reset. ResetVT keeps what is inside, for the
// next messages of the whole program: then the message must not be changed, and
// nothing of it may be used after its iteration. The stubs that protoc-gen-gohost
// generates know the option; others ignore it.
func ReuseMessages() grpc.CallOption { return option.ReuseMessages{} }

// ReuseRequests returns a registrar that registers services with r whose
// streams of requests are all received into one message: a request is valid
// until the next iteration of the handler's loop, and must be copied
// (proto.Clone) to be kept. It saves an allocation per message. The message is
// reset before the next one is received into it, by ResetVT if it has that, else
// by Reset, and ResetVT asks for what [ReuseMessages] says.
//
// Only one goroutine may range the requests of such a stream: the others would
// receive into the message that it is reading, which is a data race.
//
//	RegisterSquareService(stream.ReuseRequests(server), impl)
func ReuseRequests(r grpc.ServiceRegistrar) grpc.ServiceRegistrar {
	return option.ReusingRegistrar{ServiceRegistrar: r}
}
