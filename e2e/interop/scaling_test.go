package interop

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/testdata"

	"github.com/gohostrpc/gohost/connscale"
	testservice "github.com/gohostrpc/gohost/e2e/interop/stubs/grpc_testinggohost"
	"github.com/gohostrpc/gohost/stream"
)

// The official programs of grpc-go do not have the case of connection scaling. So both
// sides are ours, with package connscale.
func TestOurClientAndOurServer(t *testing.T) {
	t.Parallel()
	for transport, useTLS := range transports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			creds := insecure.NewCredentials()
			if useTLS {
				var err error
				if creds, err = credentials.NewClientTLSFromFile(testdata.Path("ca.pem"), serverName); err != nil {
					t.Fatal(err)
				}
			}
			client, err := connscale.NewClient(serve(t, useTLS, grpc.MaxConcurrentStreams(2)), creds, connscale.Options{MaxConnections: 2})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = client.Close() })
			t.Run("max_concurrent_streams_connection_scaling", func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := connectionScaling(ctx, testservice.NewTestServiceStub(client)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// connectionScaling is the case max_concurrent_streams_connection_scaling of grpc's
// interoperability tests. The server allows two streams per connection, and the client
// two connections. Three streams are open concurrently. The first two come from one
// address, and the third from another.
func connectionScaling(ctx context.Context, service testservice.TestService) error {
	var addrs []string
	var chats []*stream.Conversation[*testpb.StreamingOutputCallRequest, *testpb.StreamingOutputCallResponse]
	for range 3 {
		chat := stream.Open(ctx, service.FullDuplexCall)
		defer chat.Close() // after all have been open
		chats = append(chats, chat)
		err := chat.Send(&testpb.StreamingOutputCallRequest{ResponseParameters: []*testpb.ResponseParameters{
			{FillPeerSocketAddress: &testpb.BoolValue{Value: true}},
		}})
		if err != nil && err != io.EOF { // Recv returns the error
			return err
		}
		res, err := chat.Recv()
		if err != nil {
			return err
		}
		addrs = append(addrs, res.GetPeerSocketAddress())
	}
	if addrs[0] == "" || addrs[0] != addrs[1] || addrs[1] == addrs[2] {
		return fmt.Errorf("the streams come from %q, want the first two from one address, and the third from another", addrs)
	}
	for _, chat := range chats {
		chat.CloseSend()
		if _, err := chat.Recv(); err != io.EOF {
			return fmt.Errorf("got the error %w, want io.EOF", err)
		}
	}
	return nil
}
