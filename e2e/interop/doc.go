// Package interop runs the interoperability suite of grpc-go with stubs of gohost: the
// official client against our server, and our client against the official server.
//
// The messages are the official ones. Package stubs generates the stubs.
package interop
