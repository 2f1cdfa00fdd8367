// Package gohostconnect serves one implementation on every wire of connect v2:
// Connect, gRPC and gRPC-Web, over HTTP/1.1 and HTTP/2, with protobuf or JSON, and
// within a process. A browser and curl can call it then, and the generated code
// stays as it is:
//
//	server := connect.NewServer()
//	pb.RegisterSquareService(gohostconnect.NewRegistrar(server), impl)
//	err := http.ListenAndServe(addr, gohostconnect.NewHandler(server))
//
// The other way round, [NewConn] is a connection for stubs, of
// protoc-gen-gohost and of protoc-gen-go-grpc, that speaks one of these protocols:
//
//	transport := gohostconnect.NewTransport(http.DefaultClient, "https://api.example", connecthttp.WithGRPCWeb())
//	square := pb.NewSquareServiceStub(gohostconnect.NewConn(transport))
//
// What handlers and callers may use of grpc works as it does with a [grpc.Server] and
// a [grpc.ClientConn]: metadata, header and trailer, peer, deadlines, status
// with details, interceptors of servers, gohost's host check and Mux, and the contract of
// package stream. What a wire cannot do is an error that says so. The page
// docs/wires.md has all of it in tables.
package gohostconnect
