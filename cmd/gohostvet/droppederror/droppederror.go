// Package droppederror finds loops that drop the error of a sequence.
package droppederror

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
)

// Analyzer reports loops that drop the error of a sequence.
var Analyzer = &analysis.Analyzer{
	Name: "droppederror",
	Doc: `report loops that drop the error of a sequence

A stream that fails ends like one that is complete, but for the error of its
last iteration:

	for msg := range stub.List(ctx, req) { // a list that was cut off looks whole
		…
	}

Where an error does not matter, this says so:

	for msg, err := range stub.List(ctx, req) {
		_ = err // a part of the list will do
	}`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.Preorder([]ast.Node{(*ast.RangeStmt)(nil)}, func(n ast.Node) {
		loop := n.(*ast.RangeStmt)
		if !sequence.Is(pass.TypesInfo.TypeOf(loop.X)) || loop.Value != nil && !isBlank(loop.Value) {
			return
		}
		// These cannot fail.
		if sequence.IsCall(pass.TypesInfo, loop.X, sequence.StreamPackage, "Of", "From") {
			return
		}
		pass.ReportRangef(loop.X, "the loop drops the error of the sequence: range over msg, err")
	})
	return nil, nil
}

func isBlank(e ast.Expr) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == "_"
}
