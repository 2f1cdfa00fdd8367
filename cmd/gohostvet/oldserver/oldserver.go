// Package oldserver finds servers of protoc-gen-go-grpc that can be implemented
// with iterators.
package oldserver

import (
	"golang.org/x/tools/go/analysis"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/moves"
)

// Analyzer reports servers that only their package can see and whose handlers
// can all be migrated.
var Analyzer = &analysis.Analyzer{
	Name: "oldserver",
	Doc: `report servers that can be implemented with iterators

The check reports a server of protoc-gen-go-grpc that is registered in its package
and that no other package sees, if the package of its messages has the code of
protoc-gen-gohost, and if it is clear what its handlers do with their streams:

	pb.RegisterLibraryServer(s, library{}) // pb.RegisterLibrary(s, library{})

The fix turns its handlers into sequences. gohostmigrate does it for servers that
other packages see, and lists what cannot be moved.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{moves.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		moves.Report(pass, true, "this server can be implemented with iterators, for protoc-gen-gohost")
		return nil, nil
	},
}
