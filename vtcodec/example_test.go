package vtcodec_test

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
	"github.com/gohostrpc/gohost/vtcodec"
)

// Both sides of a service. Either may use the codec without the other.
func Example() {
	server := grpc.NewServer(grpc.ForceServerCodecV2(vtcodec.Codec{}))
	// Requests of streams are received into one message.
	squares.RegisterSquareService(stream.ReuseRequests(server), squares.UnimplementedSquareService{})

	conn, err := grpc.NewClient("passthrough:///localhost:50051",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(vtcodec.Codec{})))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close() //nolint:errcheck // nothing was sent
	// So are responses.
	service := squares.NewSquareServiceStub(conn).With(stream.ReuseMessages())
	_ = service
}
