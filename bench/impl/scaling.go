package impl

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/connscale"
)

// streamLimit is how many streams per connection the servers of Full and FullScaled
// allow.
const streamLimit = 100

// The cost of a client that opens another connection when all are full, compared with
// Gohost. Scaled is this client while nothing is full. Full and FullScaled have a
// server that allows few streams per connection: Full has one connection, and
// FullScaled up to ten.
var (
	Scaled     = Impl{"scaled", func() (Client, func(), error) { return startScaling(dialScaled) }}
	Full       = Impl{"full", func() (Client, func(), error) { return startScaling(dial, grpc.MaxConcurrentStreams(streamLimit)) }}
	FullScaled = Impl{"full-scaled", func() (Client, func(), error) {
		return startScaling(dialScaled, grpc.MaxConcurrentStreams(streamLimit))
	}}
)

func startScaling(dial dialer, opts ...grpc.ServerOption) (Client, func(), error) {
	server := grpc.NewServer(opts...)
	benchpb.RegisterBench(server, gohostServer{})
	cc, stop, err := serveTo(dial, server.Serve, server.Stop)
	if err != nil {
		return nil, nil, err
	}
	bench := benchpb.NewBenchStub(cc)
	return gohostClient{bench, bench}, stop, nil
}

func dialScaled(target string, opts ...grpc.DialOption) (connection, error) {
	return connscale.NewClient(target, insecure.NewCredentials(), connscale.Options{}, opts...)
}
