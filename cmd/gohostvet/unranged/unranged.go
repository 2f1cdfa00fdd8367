// Package unranged finds sequences that are made and never ranged.
package unranged

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
)

// Analyzer reports calls whose result is a sequence that is never ranged.
var Analyzer = &analysis.Analyzer{
	Name: "unranged",
	Doc: `report sequences that are made and never ranged

A sequence does nothing until it is ranged over. The method of a stub does not
even open the RPC:

	stub.Subscribe(ctx, req) // nothing is sent`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	statements := []ast.Node{(*ast.ExprStmt)(nil), (*ast.GoStmt)(nil), (*ast.DeferStmt)(nil)}
	in.Preorder(statements, func(n ast.Node) {
		var e ast.Expr
		switch n := n.(type) {
		case *ast.ExprStmt:
			e = n.X
		case *ast.GoStmt:
			e = n.Call
		case *ast.DeferStmt:
			e = n.Call
		}
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if ok && sequence.Is(pass.TypesInfo.TypeOf(call)) {
			pass.ReportRangef(call, "the sequence is never ranged, and does nothing until it is")
		}
	})
	return nil, nil
}
