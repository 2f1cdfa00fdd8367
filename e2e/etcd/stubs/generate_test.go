package stubs

import (
	"flag"
	"testing"

	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"github.com/gohostrpc/gohost/e2e/internal/linked"
)

var update = flag.Bool("update", false, "write the stubs instead of comparing them")

// TestStubs generates the stubs from the descriptors of etcd's services, and compares
// them with the committed ones.
func TestStubs(t *testing.T) {
	t.Parallel()
	linked.Stubs(t, *update, "", etcdserverpb.File_rpc_proto)
}
