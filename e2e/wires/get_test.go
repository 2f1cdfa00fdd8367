package wires

import (
	"context"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// lookup is a .proto with a method that has no side effects, registered like generated
// code.
const lookup = `
	name: "wires/lookup.proto" package: "wires" syntax: "proto3" dependency: "squares/square.proto"
	service { name: "Lookup" method {
		name: "Square" input_type: ".squarerpc_service.Message" output_type: ".squarerpc_service.Message"
		options { idempotency_level: NO_SIDE_EFFECTS }
	} }`

// Only a method that its .proto declares free of side effects can be called by GET.
func TestCurlGet(t *testing.T) {
	t.Parallel()
	program := proc.Find(t, "curl", "apt-get install curl")
	var file descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(lookup), &file); err != nil {
		t.Fatal(err)
	}
	desc, err := protodesc.NewFile(&file, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(desc); err != nil {
		t.Fatal(err)
	}
	services := connect.NewServer()
	registrar := gohostconnect.NewRegistrar(services)
	squares.RegisterSquareService(registrar, squares.UnimplementedSquareService{})
	registrar.RegisterService(&grpc.ServiceDesc{ServiceName: "wires.Lookup", Methods: []grpc.MethodDesc{{
		MethodName: "Square",
		Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var req squares.Message
			if err := decode(&req); err != nil {
				return nil, err
			}
			return number(req.GetMessage() * req.GetMessage()), nil
		},
	}}}, nil)
	server := serveHTTP(t, target{}, gohostconnect.NewHandler(services))
	for procedure, want := range map[string]string{
		"/wires.Lookup/Square":              `{"message":144}200`,
		squares.SquareService_Square_Method: `405`,
	} {
		t.Run(procedure, func(t *testing.T) {
			t.Parallel()
			query := "?connect=v1&encoding=json&message=" + url.QueryEscape(`{"message":12}`)
			out, err := exec.CommandContext(t.Context(), program, "-sS", "-w", "%{http_code}", server.url()+procedure+query).CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != want {
				t.Errorf("%s, %v, want %s", got, err, want)
			}
		})
	}
}
