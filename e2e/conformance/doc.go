// Package conformance runs connect's own conformance suite against a server and a
// client on what protoc-gen-gohost generates, over package gohostconnect.
//
// The program has both. It is a module of its own, as the suite and its compressors
// and HTTP/3 are nobody else's, and the code of the suite's service is generated when
// the test runs.
package conformance
