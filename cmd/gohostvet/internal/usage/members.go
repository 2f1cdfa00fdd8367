package usage

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Members returns the selectors that use fields and methods of a call's result.
// It returns false if the result is more than a local variable: if it is
// returned, stored or passed on, its further use is unknown.
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
