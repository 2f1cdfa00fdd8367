package stubs

import (
	"flag"
	"testing"

	orcaservice "github.com/cncf/xds/go/xds/service/orca/v3"
	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/gohostrpc/gohost/e2e/internal/linked"
)

var update = flag.Bool("update", false, "write the stubs instead of comparing them")

// TestStubs generates the stubs from the descriptors of the official messages, and
// compares them with the committed ones.
func TestStubs(t *testing.T) {
	t.Parallel()
	// The file with the services has no messages, and does not name its package.
	const services = "Mgrpc/testing/test.proto=google.golang.org/grpc/interop/grpc_testing"
	linked.Stubs(t, *update, services, testpb.File_grpc_testing_test_proto, orcaservice.File_xds_service_orca_v3_orca_proto)
}
