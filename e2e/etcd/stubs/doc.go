// Package stubs generates the stubs in the folder below from the descriptors in etcd's
// own module, and compares them with the committed ones. It does not import them, so
// that it can repair broken ones.
//
//	go test ./etcd/stubs -update
package stubs
