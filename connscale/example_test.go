package connscale_test

import (
	"context"
	"fmt"
	"iter"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// serveTwo serves streams that last until the client leaves, at most two per
// connection. It returns the address and a function that stops the server.
func serveTwo() (address string, stop func()) {
	server := grpc.NewServer(grpc.MaxConcurrentStreams(2))
	squares.RegisterSquareService(server, square{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); err != nil {
			fmt.Println(err)
		}
	}()
	return listener.Addr().String(), func() {
		server.Stop()
		<-done
	}
}

// Five streams of a server that allows two per connection, and another call.
func ExampleNewClient() {
	address, stop := serveTwo()
	defer stop()
	client, err := connscale.NewClient(address, insecure.NewCredentials(), connscale.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close() //nolint:errcheck // the example is over
	service := squares.NewSquareServiceStub(client)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	messages := make(chan *squares.Message)
	for i := range 5 {
		go func() {
			for m, err := range service.RangeSquare(ctx, &squares.Message{Message: float64(i)}) {
				if err != nil {
					return
				}
				messages <- m
			}
		}()
	}
	sum := 0.0
	for range 5 {
		sum += (<-messages).GetMessage()
	}
	answer, err := service.Square(ctx, &squares.Message{Message: 7})
	fmt.Println(sum, answer.GetMessage(), err)
	// Output: 10 7 <nil>
}

// How many connections there are, how full they are, and how many calls wait.
func ExampleClient_Stats() {
	address, stop := serveTwo()
	defer stop()
	client, err := connscale.NewClient(address, insecure.NewCredentials(), connscale.Options{MaxConnections: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close() //nolint:errcheck // the example is over
	service := squares.NewSquareServiceStub(client)

	for range 3 {
		next, stop := iter.Pull2(service.RangeSquare(context.Background(), &squares.Message{}))
		defer stop()
		if _, err, _ := next(); err != nil {
			fmt.Println(err)
			return
		}
	}
	stats := client.Stats()
	for _, c := range stats.Connections {
		fmt.Printf("%d of %d streams\n", c.Streams, c.Limit)
	}
	fmt.Println(stats.Waiting, "calls wait")
	// Output:
	// 2 of 2 streams
	// 1 of 2 streams
	// 0 calls wait
}

// A channel of grpc is scaled if its service config names the policy and its
// credentials let the policy see the server's limit.
func ExampleCredentials() {
	address, stop := serveTwo()
	defer stop()
	creds, err := connscale.Credentials(insecure.NewCredentials())
	if err != nil {
		fmt.Println(err)
		return
	}
	conn, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"connscale": {"childPolicy": [{"round_robin": {}}]}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close() //nolint:errcheck // the example is over
	service := squares.NewSquareServiceStub(conn)

	for range 2 {
		next, stop := iter.Pull2(service.RangeSquare(context.Background(), &squares.Message{}))
		defer stop()
		if _, err, _ := next(); err != nil {
			fmt.Println(err)
			return
		}
	}
	answer, err := service.Square(context.Background(), &squares.Message{Message: 7})
	fmt.Println(answer.GetMessage(), err)
	// Output: 7 <nil>
}
