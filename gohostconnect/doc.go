// Package gohostconnect serves one implementation on every wire of connect v2: Connect,
// gRPC and gRPC-Web, over HTTP/1.1 and HTTP/2, with protobuf or JSON, and within a
// process. So browsers and curl can call it, and the generated code does not change:
//
//	server := connect.NewServer()
//	pb.RegisterSquareService(gohostconnect.NewRegistrar(server), impl)
//	err := http.ListenAndServe(addr, gohostconnect.NewHandler(server))
//
// For clients, [NewConn] is a connection for stubs of protoc-gen-gohost and of
// protoc-gen-go-grpc. It uses one of these protocols:
//
//	transport := gohostconnect.NewTransport(http.DefaultClient, "https://api.example", connecthttp.WithGRPCWeb())
//	square := pb.NewSquareServiceStub(gohostconnect.NewConn(transport))
//
// What handlers and callers may use of grpc works as with a [grpc.Server] and a
// [grpc.ClientConn]: metadata, header and trailer, peer, deadlines, status with details,
// server interceptors, gohost's host check and Mux, and the contract of package stream.
// If a wire cannot do something, there is an error that says so. The page [Every wire]
// explains all of this.
//
// [Every wire]: https://github.com/gohostrpc/gohost/blob/main/docs/wires.md
package gohostconnect
