// Package ignoredyield finds sequences that continue although yield may have
// returned false.
package ignoredyield

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/flow"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
)

// Analyzer reports calls of yield whose result is ignored and after which the
// sequence may call yield again.
var Analyzer = &analysis.Analyzer{
	Name: "ignoredyield",
	Doc: `report calls of yield whose result is ignored

yield returns false when the client of a handler has gone, or when the loop was
left. A sequence must not yield after that: a range statement panics, and a
server stops the sequence. For example:

	for _, msg := range msgs {
		yield(msg, nil) // if !yield(msg, nil) { return }
	}

The last yield of a sequence may be ignored.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	cfgs := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
	yields := sequence.Yields(pass.TypesInfo, in)
	in.Preorder([]ast.Node{(*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)}, func(f ast.Node) {
		body := flow.Body(f)
		if body == nil {
			return
		}
		for call, yield := range ignored(pass.TypesInfo, body, yields) {
			again := flow.After(flow.Of(cfgs, f), call.Pos(), nil, func(n ast.Node) flow.Step {
				if uses(pass.TypesInfo, n, yield) {
					return flow.Found
				}
				return flow.GoOn
			})
			if again {
				pass.ReportRangef(call, "the result of %s is ignored, and the sequence may yield again: return when it is false", yield.Name())
			}
		}
	})
	return nil, nil
}

// ignored returns the calls of yields in body whose result is ignored, except
// in function literals.
func ignored(info *types.Info, body *ast.BlockStmt, yields map[types.Object]bool) map[*ast.CallExpr]types.Object {
	calls := make(map[*ast.CallExpr]types.Object)
	add := func(e ast.Expr) {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return
		}
		if f, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && yields[info.Uses[f]] {
			calls[call] = info.Uses[f]
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ExprStmt:
			add(n.X)
		case *ast.AssignStmt:
			if ident, ok := n.Lhs[0].(*ast.Ident); ok && ident.Name == "_" && len(n.Rhs) == 1 {
				add(n.Rhs[0])
			}
		}
		return true
	})
	return calls
}

func uses(info *types.Info, n ast.Node, object types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if ident, ok := n.(*ast.Ident); ok && info.Uses[ident] == object {
			found = true
		}
		return !found
	})
	return found
}
