package unscoped

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// cancel is a function that cancels a context, or stops a sequence.
type cancel struct {
	info     *types.Info
	in       *inspector.Inspector
	variable types.Object
}

// isDeferred reports whether a defer statement or the test's Cleanup calls it.
func (c cancel) isDeferred() bool {
	for use := range usage.Of(c.info, c.in, c.variable) {
		for range use.Enclosing((*ast.DeferStmt)(nil)) {
			return true
		}
		if use.ParentEdgeKind() != edge.CallExpr_Args {
			continue
		}
		method, ok := use.Parent().Node().(*ast.CallExpr).Fun.(*ast.SelectorExpr)
		if ok && method.Sel.Name == "Cleanup" {
			return true
		}
	}
	return false
}

// isCalledAfter reports whether it is called after n and, if there is a loop
// around n, in that loop.
func (c cancel) isCalledAfter(n inspector.Cursor, loop *ast.BlockStmt) bool {
	for use := range usage.Of(c.info, c.in, c.variable) {
		call := use.ParentEdgeKind() == edge.CallExpr_Fun && use.Parent().ParentEdgeKind() == edge.ExprStmt_X
		if call && use.Node().Pos() > n.Node().End() && (loop == nil || within(use, loop)) {
			return true
		}
	}
	return false
}

// isCall reports whether the statement n calls it.
func (c cancel) isCall(n inspector.Cursor) bool {
	stmt, ok := n.Node().(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.Ident)
	return ok && c.info.Uses[f] == c.variable
}
