// Package etcd watches a real etcd with stubs of gohost and stream.Resume: etcd is
// killed and restarted, and the watcher misses nothing. For comparison, it has the same
// watcher by hand and with etcd's own client library, each in a function whose lines
// are counted.
//
// The messages are those of etcd's own module. Package stubs generates the stubs.
package etcd
