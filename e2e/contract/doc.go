// Package contract runs the tests of package stub, which are the contract of
// streams, over the wires of package gohostconnect: not copies of them, but they
// themselves. All of them begin with start, of stub/start_test.go. The overlay of a
// build puts the one of testdata in its place, and a workspace adds gohostconnect,
// of which the root module knows nothing.
package contract
