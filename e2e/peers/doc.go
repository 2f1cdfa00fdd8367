// Package peers tests gohost with other implementations of gRPC: gRPC for Python, with
// generators and with asyncio, grpcurl, and @grpc/grpc-js. Their servers and ours
// implement the sample services of testdata in the same way, so that one list of cases
// works for all of them.
package peers
