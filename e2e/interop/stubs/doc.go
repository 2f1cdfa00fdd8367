// Package stubs generates the stubs in the folders below from the descriptors of the
// official messages, and compares them with the committed ones. It does not import
// them, so that it can repair broken ones.
//
//	go test ./interop/stubs -update
package stubs
