package wires

import (
	"errors"
	"io"
	"slices"

	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// theirs are stubs of protoc-gen-go-grpc for grpc-go's own services, over the
// connection.
type theirs struct{ stubs }

// theirCells are the cells of theirs.
var theirCells = map[string]func(call) error{
	unary:         checkHealth,
	serverStream:  watchHealth,
	bidirectional: listServices,
}

func checkHealth(c call) error {
	client := grpc_health_v1.NewHealthClient(c.caller.(theirs))
	res, err := client.Check(c.ctx, &grpc_health_v1.HealthCheckRequest{Service: squares.SquareServiceName})
	if err := expect(grpc_health_v1.HealthCheckResponse_SERVING, res.GetStatus(), err); err != nil {
		return err
	}
	if _, err := client.Check(c.ctx, &grpc_health_v1.HealthCheckRequest{Service: "nobody"}); err == nil {
		return errors.New("nobody is healthy")
	}
	return nil
}

func watchHealth(c call) error {
	stream, err := grpc_health_v1.NewHealthClient(c.caller.(theirs)).Watch(c.ctx, &grpc_health_v1.HealthCheckRequest{Service: squares.SquareServiceName})
	if err != nil {
		return err
	}
	res, err := stream.Recv()
	return expect(grpc_health_v1.HealthCheckResponse_SERVING, res.GetStatus(), err)
}

func listServices(c call) error {
	stream, err := grpc_reflection_v1.NewServerReflectionClient(c.caller.(theirs)).ServerReflectionInfo(c.ctx)
	if err != nil {
		return err
	}
	for range 2 {
		err := stream.Send(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{}})
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		res, err := stream.Recv()
		if err != nil {
			return err
		}
		var names []string
		for _, s := range res.GetListServicesResponse().GetService() {
			names = append(names, s.GetName())
		}
		if !slices.Contains(names, squares.SquareServiceName) {
			return errors.New("the service is not listed")
		}
	}
	return stream.CloseSend()
}
