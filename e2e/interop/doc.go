// Package interop runs the interoperability suite of grpc-go with stubs of
// gohost: the official client against a server of ours, and a client of ours
// against the official server.
//
// The messages are the official ones; package stubs makes the stubs.
package interop
