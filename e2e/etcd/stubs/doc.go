// Package stubs makes the stubs in the folder below out of the descriptors in
// etcd's own module, and compares them with what is committed. It imports none
// of them: a broken one would be in the way of mending it.
//
//	go test ./etcd/stubs -update
package stubs
