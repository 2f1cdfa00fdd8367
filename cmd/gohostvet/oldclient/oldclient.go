// Package oldclient finds clients of protoc-gen-go-grpc that can be stubs of
// protoc-gen-gohost.
package oldclient

import (
	"golang.org/x/tools/go/analysis"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/moves"
)

// Analyzer reports clients whose calls are in one function and can all be
// migrated to a stub.
var Analyzer = &analysis.Analyzer{
	Name: "oldclient",
	Doc: `report clients that can be stubs

The check reports a client of protoc-gen-go-grpc that is used in one function, if
the package has a stub for the same service and all of its calls mean the same
with the stub:

	client := pb.NewLibraryClient(conn) // library := pb.NewLibraryStub(conn)

The fix turns a loop of Recv into a range statement. gohostmigrate follows clients
through fields, parameters and packages, and lists what cannot be moved.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{moves.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		moves.Report(pass, false, "this client can be a stub of protoc-gen-gohost")
		return nil, nil
	},
}
