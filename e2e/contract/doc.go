// Package contract runs the tests of package stub, which are the contract of streams,
// over the wires of package gohostconnect. It runs the tests themselves, not copies.
// All of them begin with start, of stub/start_test.go. A build overlay replaces it by
// that of testdata, and a workspace adds gohostconnect, which the root module does not
// import.
package contract
