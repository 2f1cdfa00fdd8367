package impl

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/connscale"
)

// streamLimit is how many streams a server of Full and FullScaled allows on a
// connection.
const streamLimit = 100

// What it costs that a client opens another connection when all are full, against
// Gohost. Scaled is that while nothing is full. Full and FullScaled have a server that
// allows few streams on a connection: Full has one connection, FullScaled ten of them.
var (
	Scaled     = Impl{"scaled", func() (Client, func(), error) { return startScaling(dialScaled) }}
	Full       = Impl{"full", func() (Client, func(), error) { return startScaling(dial, grpc.MaxConcurrentStreams(streamLimit)) }}
	FullScaled = Impl{"full-scaled", func() (Client, func(), error) {
		return startScaling(dialScaled, grpc.MaxConcurrentStreams(streamLimit))
	}}
)

func startScaling(dial func(string) (connection, error), opts ...grpc.ServerOption) (Client, func(), error) {
	server := grpc.NewServer(opts...)
	benchpb.RegisterBench(server, gohostServer{})
	cc, stop, err := serveTo(dial, server.Serve, server.Stop)
	if err != nil {
		return nil, nil, err
	}
	bench := benchpb.NewBenchStub(cc)
	return gohostClient{bench, bench}, stop, nil
}

func dialScaled(target string) (connection, error) {
	return connscale.NewClient(target, insecure.NewCredentials(), connscale.Options{})
}
