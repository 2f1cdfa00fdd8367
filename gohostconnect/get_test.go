package gohostconnect_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gohostrpc/gohost/gohostconnect"
)

// gettingFile has a service with methods that are safe for GET and methods that
// are not.
var gettingFile = &descriptorpb.FileDescriptorProto{
	Name:       proto.String("gohostconnect/getting.proto"),
	Package:    proto.String("gohostconnect"),
	Dependency: []string{"google/protobuf/wrappers.proto"},
	Service: []*descriptorpb.ServiceDescriptorProto{{
		Name: proto.String("Getting"),
		Method: []*descriptorpb.MethodDescriptorProto{
			gettingMethod("Read", descriptorpb.MethodOptions_NO_SIDE_EFFECTS),
			gettingMethod("Write", descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN),
		},
	}},
}

func gettingMethod(name string, level descriptorpb.MethodOptions_IdempotencyLevel) *descriptorpb.MethodDescriptorProto {
	return &descriptorpb.MethodDescriptorProto{
		Name:       proto.String(name),
		InputType:  proto.String(".google.protobuf.StringValue"),
		OutputType: proto.String(".google.protobuf.StringValue"),
		Options:    &descriptorpb.MethodOptions{IdempotencyLevel: level.Enum()},
	}
}

// registerGetting registers gettingFile like generated code.
var registerGetting = sync.OnceValue(func() error {
	file, err := protodesc.NewFile(gettingFile, protoregistry.GlobalFiles)
	if err != nil {
		return err
	}
	return protoregistry.GlobalFiles.RegisterFile(file)
})

// gettingDesc serves the methods of gettingFile, which echo their requests, and one that
// no .proto has.
var gettingDesc = grpc.ServiceDesc{
	ServiceName: "gohostconnect.Getting",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Read", Handler: echo}, {MethodName: "Write", Handler: echo}, {MethodName: "Unknown", Handler: echo}},
}

func echo(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	m := new(wrapperspb.StringValue)
	return m, decode(m)
}

func TestGet(t *testing.T) {
	t.Parallel()
	if err := registerGetting(); err != nil {
		t.Fatal(err)
	}
	own := grpc.MaxCallRecvMsgSize(100)
	for _, c := range []struct {
		name, call, method, schema string
		opts                       []grpc.CallOption
	}{
		{"no side effects", "Read", "GET", "gohostconnect.Getting.Read", nil},
		{"no side effects, options of the call", "Read", "GET", "gohostconnect.Getting.Read", []grpc.CallOption{own}},
		{"side effects", "Write", "POST", "gohostconnect.Getting.Write", nil},
		{"in no .proto", "Unknown", "POST", "", nil},
		{"in no .proto, options of the call", "Unknown", "POST", "", []grpc.CallOption{own}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var method, schema string
			server := connect.NewServer()
			gohostconnect.NewRegistrar(server).RegisterService(&gettingDesc, nil)
			handler := gohostconnect.NewHandler(server)
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				method = r.Method
				handler.ServeHTTP(w, r)
			}))
			t.Cleanup(web.Close)
			look := func(next connect.ClientFunc) connect.ClientFunc {
				return func(ctx context.Context, spec connect.Spec) (connect.ClientStream, error) {
					if desc, ok := spec.Schema.(protoreflect.MethodDescriptor); ok {
						schema = string(desc.FullName())
					}
					return next(ctx, spec)
				}
			}
			conn := gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL, connecthttp.WithHTTPGet()), look)
			got := new(wrapperspb.StringValue)
			if err := conn.Invoke(within(t), "/gohostconnect.Getting/"+c.call, wrapperspb.String("hi"), got, c.opts...); err != nil {
				t.Fatal(err)
			}
			if got.GetValue() != "hi" || method != c.method || schema != c.schema {
				t.Errorf("%q by %s, schema %q; want \"hi\" by %s, %q", got.GetValue(), method, schema, c.method, c.schema)
			}
		})
	}
}
