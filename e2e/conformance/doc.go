// Package conformance runs connect's own conformance suite against a server and a
// client with the code of protoc-gen-gohost, over package gohostconnect.
//
// The program is both of them. It is a module of its own, because only it needs the
// suite, its compressors and HTTP/3. The code of the suite's service is generated when
// the test runs.
package conformance
