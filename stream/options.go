package stream

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/internal/option"
)

// OnHeader returns a CallOption that passes the response's header to f when it has
// arrived. On a stream this is before the first message, as soon as the server sends
// the header, which may be long before. On a unary call it is before the call returns.
// A client-streaming call does it while it continues to send.
//
// f is called at most once per RPC, on the goroutine of the caller, which then
// owns the metadata. If a call ends without a header, f is not called. The stubs
// from protoc-gen-gohost know the option; others ignore it.
func OnHeader(f func(header metadata.MD)) grpc.CallOption { return option.OnHeader{F: f} }

// ReuseMessages returns a CallOption that receives all messages of a stream into one
// message. It is valid until the next iteration of the loop, and must be copied
// ([google.golang.org/protobuf/proto.Clone]) to be kept. This saves one allocation per
// message. The message is reset before the next one is received into it: by its method
// ResetVT, which code of vtprotobuf has, otherwise by Reset. ResetVT keeps the memory of
// inner messages for the next messages of the whole program. With it a message must not
// be changed, and no part of it may be used after its iteration. See package
// [github.com/gohostrpc/gohost/vtcodec]. The stubs from protoc-gen-gohost know the
// option; others ignore it.
func ReuseMessages() grpc.CallOption { return option.ReuseMessages{} }

// ReuseRequests returns a registrar that registers services with r, and receives all
// requests of a stream into one message. A request is valid until the next iteration of
// the handler's loop, and must be copied ([google.golang.org/protobuf/proto.Clone]) to be
// kept. This saves one allocation per message. The message is reset as with
// [ReuseMessages], under the same conditions. Only services from protoc-gen-gohost reuse
// messages; on others it has no effect.
//
// Only one goroutine may range the requests of such a stream. Others would receive
// into the message that it is reading, which is a data race.
//
//	RegisterSquareService(stream.ReuseRequests(server), impl)
func ReuseRequests(r grpc.ServiceRegistrar) grpc.ServiceRegistrar {
	return option.ReusingRegistrar{ServiceRegistrar: r}
}
