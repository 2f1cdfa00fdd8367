// Package stubs makes the stubs in the folders below out of the descriptors of
// the official messages, and compares them with what is committed. It imports
// none of them: a broken one would be in the way of mending it.
//
//	go test ./interop/stubs -update
package stubs
