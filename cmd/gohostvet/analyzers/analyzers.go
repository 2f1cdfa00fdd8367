// Package analyzers lists the analyzers of gohostvet, for programs that run
// their own choice of analyzers.
package analyzers

import (
	"golang.org/x/tools/go/analysis"

	"github.com/gohostrpc/gohost/cmd/gohostvet/droppederror"
	"github.com/gohostrpc/gohost/cmd/gohostvet/ignorederror"
	"github.com/gohostrpc/gohost/cmd/gohostvet/ignoredposition"
	"github.com/gohostrpc/gohost/cmd/gohostvet/ignoredyield"
	"github.com/gohostrpc/gohost/cmd/gohostvet/keptmessage"
	"github.com/gohostrpc/gohost/cmd/gohostvet/keptyield"
	"github.com/gohostrpc/gohost/cmd/gohostvet/oldclient"
	"github.com/gohostrpc/gohost/cmd/gohostvet/oldserver"
	"github.com/gohostrpc/gohost/cmd/gohostvet/unclosed"
	"github.com/gohostrpc/gohost/cmd/gohostvet/unranged"
	"github.com/gohostrpc/gohost/cmd/gohostvet/unscoped"
	"github.com/gohostrpc/gohost/cmd/gohostvet/unstopped"
	"github.com/gohostrpc/gohost/cmd/gohostvet/yieldedeof"
)

// All returns the analyzers of gohostvet that find mistakes.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		droppederror.Analyzer,
		ignorederror.Analyzer,
		ignoredposition.Analyzer,
		ignoredyield.Analyzer,
		keptmessage.Analyzer,
		keptyield.Analyzer,
		unclosed.Analyzer,
		unranged.Analyzer,
		unscoped.Analyzer,
		unstopped.Analyzer,
		yieldedeof.Analyzer,
	}
}

// Moving returns the analyzers of gohostvet that find code that can be migrated
// from protoc-gen-go-grpc. Such code is not a mistake, so they run only if
// named.
func Moving() []*analysis.Analyzer {
	return []*analysis.Analyzer{oldclient.Analyzer, oldserver.Analyzer}
}
