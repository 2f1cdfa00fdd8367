// Package stubs makes the code of connect's own plugins, version 1 and version 2, for
// the samples, and compares it with what is committed in the folders below. It
// imports none of it: a broken one would be in the way of mending it.
//
//	go test ./wires/stubs -update
package stubs
