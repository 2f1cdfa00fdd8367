// Package peers has tests of what other implementations of gRPC and we say to
// each other: gRPC for Python, with generators and with asyncio, grpcurl, and
// @grpc/grpc-js. Their servers and ours offer the sample services of testdata
// and behave the same, so that one list of cases holds for all of them.
package peers
