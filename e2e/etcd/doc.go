// Package etcd watches a real etcd by stubs of gohost and stream.Resume: it is
// killed and started again, and the watcher misses nothing. Beside it stand the
// same watcher by hand, and by etcd's own client library, each in a function
// whose lines are counted.
//
// The messages are those of etcd's own module; package stubs makes the stubs.
package etcd
