// Package ignoredposition finds streams that are resumed from their beginning.
package ignoredposition

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/given"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// Analyzer reports functions given to stream.Resume that ignore the position.
var Analyzer = &analysis.Analyzer{
	Name: "ignoredposition",
	Doc: `report streams that are resumed and ignore their position

stream.Resume opens a stream again after the last message that its consumer has
taken. A function that does not use that position opens it from the beginning, or
with a gap:

	stream.Resume(ctx, func(ctx context.Context, after string) iter.Seq2[*pb.Event, error] {
		return stub.Subscribe(ctx, &pb.SubRequest{}) // After: after
	}, (*pb.Event).GetId)

If a stream has no positions, say so by the blank identifier:

	stream.Resume(ctx, func(ctx context.Context, _ struct{}) iter.Seq2[*pb.Event, error] {`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	for _, f := range given.To(pass.TypesInfo, in, "Resume") {
		position := second(given.Type(f))
		if position == nil || position.Name == "_" || isUsed(pass.TypesInfo, in, position) {
			continue
		}
		pass.ReportRangef(position, "the position %s is not used: the stream is opened again from its beginning, or with a gap", position.Name)
	}
	return nil, nil
}

// second returns the name of the second of two parameters, or nil.
func second(t *ast.FuncType) *ast.Ident {
	var names []*ast.Ident
	for _, field := range t.Params.List {
		names = append(names, field.Names...)
	}
	if len(names) != 2 {
		return nil
	}
	return names[1]
}

func isUsed(info *types.Info, in *inspector.Inspector, name *ast.Ident) bool {
	for range usage.Of(info, in, info.Defs[name]) {
		return true
	}
	return false
}
