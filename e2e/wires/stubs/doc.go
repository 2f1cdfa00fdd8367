// Package stubs generates the code of connect's own plugins, version 1 and version 2,
// for the samples, and compares it with the committed code in the folders below. It
// does not import that code, so that it can repair broken code.
//
//	go test ./wires/stubs -update
package stubs
