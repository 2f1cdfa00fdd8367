package keptyield

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// wait knows what waits for goroutines.
type wait struct {
	info  *types.Info
	group types.Object // that has started the goroutine, or nil
}

// deferred tells whether a deferred function of body waits.
func (w wait) deferred(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = found || w.is(n.Call)
		}
		return !found
	})
	return found
}

// is tells whether n waits, or may do so. What literals do is left out, unless
// they are called in place.
func (w wait) is(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.RangeStmt:
			found = found || w.isChan(n.X)
		case *ast.CallExpr:
			if literal, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				found = found || w.is(literal.Body)
			}
			found = found || w.call(n)
		}
		return !found
	})
	// A flow has of a loop only what is ranged.
	ranged, ok := n.(ast.Expr)
	return found || ok && w.isChan(ranged)
}

// call tells whether a call may wait: by its name, or by what it is given.
func (w wait) call(call *ast.CallExpr) bool {
	if _, ok := typeutil.Callee(w.info, call).(*types.Builtin); ok {
		return false // close and len
	}
	if method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		switch method.Sel.Name {
		case "Wait":
			return true
		case "Go", "TryGo", "SetLimit", "Add", "Done":
			return false
		}
		if w.group != nil && object(w.info, method.X) == w.group {
			return true // a group that is not known, by a name of its own
		}
	}
	return slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return w.isChan(arg) || w.isGroup(arg) })
}

func (w wait) isChan(e ast.Expr) bool {
	t := w.info.TypeOf(e)
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// isGroup tells whether e has a method Wait, or can be waited for otherwise.
func (w wait) isGroup(e ast.Expr) bool {
	t := w.info.TypeOf(e)
	if t == nil {
		return false
	}
	method, _, _ := types.LookupFieldOrMethod(t, true, nil, "Wait")
	_, ok := method.(*types.Func)
	return ok
}

// object returns the variable or field e, nil where it is neither.
func object(info *types.Info, e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return info.Uses[e]
	case *ast.SelectorExpr:
		return info.Uses[e.Sel]
	}
	return nil
}
