package gohostconnect

import (
	"strings"
	"sync"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// described caches the descriptions of methods, since a client looks one up for each
// call.
var described sync.Map // of *connect.Spec, by procedure

// specOf returns connect's description of a method. It includes the options from the
// .proto, if that is linked into the program.
func specOf(procedure string, kind connect.StreamType) connect.Spec {
	found, ok := described.Load(procedure)
	if !ok {
		desc := descriptorOf(procedure)
		if desc == nil {
			return connect.Spec{Procedure: procedure, StreamType: kind}
		}
		spec := &connect.Spec{Procedure: procedure, Schema: desc}
		if o, ok := desc.Options().(*descriptorpb.MethodOptions); ok {
			// The numbers are the same as in the .proto.
			spec.IdempotencyLevel = connect.IdempotencyLevel(o.GetIdempotencyLevel())
		}
		found, _ = described.LoadOrStore(procedure, spec)
	}
	spec := *found.(*connect.Spec) //nolint:forcetypeassert // nothing else is stored
	spec.StreamType = kind
	return spec
}

// descriptorOf returns the description of a method, or nil.
func descriptorOf(procedure string) protoreflect.MethodDescriptor {
	name := strings.ReplaceAll(strings.TrimPrefix(procedure, "/"), "/", ".")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	desc, _ := found.(protoreflect.MethodDescriptor)
	return desc
}

// optioned is the schema of a call with its own options.
type optioned interface{ options() []connecthttp.Option }

// tuning holds a call's own options.
type tuning []connecthttp.Option

func (t tuning) options() []connecthttp.Option { return t }

// tunedMethod has a call's own options and the description of its method, which
// interceptors may read.
type tunedMethod struct {
	protoreflect.MethodDescriptor
	tuning
}

// tune returns spec with the options of the call, if there are any.
func (o *callOptions) tune(spec connect.Spec) connect.Spec {
	if len(o.tuned) == 0 {
		return spec
	}
	if desc, ok := spec.Schema.(protoreflect.MethodDescriptor); ok {
		spec.Schema = tunedMethod{desc, o.tuned}
	} else {
		spec.Schema = tuning(o.tuned)
	}
	return spec
}
