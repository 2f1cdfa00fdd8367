// Package option has the types behind the options of package stream. Package
// stub looks for them among the options of a call and of a registration.
package option

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// OnHeader is the option of stream.OnHeader.
type OnHeader struct {
	grpc.EmptyCallOption
	F func(metadata.MD)
}

// ReuseMessages is the option of stream.ReuseMessages.
type ReuseMessages struct{ grpc.EmptyCallOption }

// ReusingRegistrar is the registrar of stream.ReuseRequests.
type ReusingRegistrar struct{ grpc.ServiceRegistrar }

// RegisterService registers impl with the inner registrar, so that its handlers
// get ReusingStreams.
func (r ReusingRegistrar) RegisterService(desc *grpc.ServiceDesc, impl any) {
	reusing := *desc
	reusing.Streams = make([]grpc.StreamDesc, len(desc.Streams))
	for i, s := range desc.Streams {
		reusing.Streams[i] = s
		reusing.Streams[i].Handler = func(srv any, ss grpc.ServerStream) error {
			return s.Handler(srv, ReusingStream{ss})
		}
	}
	r.ServiceRegistrar.RegisterService(&reusing, impl)
}

// ReusingStream marks a stream whose requests are received into one message.
type ReusingStream struct{ grpc.ServerStream }
