package usage

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Members returns where fields and methods of the result of a call are used: its
// selectors. It returns false where the result is more than a local variable:
// it is returned, stored or passed on, and nobody here knows what becomes of it.
func Members(info *types.Info, in *inspector.Inspector, call inspector.Cursor) (selectors []inspector.Cursor, ok bool) {
	outer := Outer(call)
	switch outer.ParentEdgeKind() {
	case edge.ExprStmt_X:
		return nil, true
	case edge.SelectorExpr_X:
		return []inspector.Cursor{outer.Parent()}, true
	}
	targets := Targets(call)
	if len(targets) == 1 && IsBlank(targets[0]) {
		return nil, true
	}
	if len(targets) != 1 || Local(info, targets[0]) == nil {
		return nil, false
	}
	for use := range Of(info, in, Local(info, targets[0])) {
		selector := Outer(use).Parent()
		if _, ok := selector.Node().(*ast.SelectorExpr); !ok {
			return nil, false
		}
		selectors = append(selectors, selector)
	}
	return selectors, true
}
