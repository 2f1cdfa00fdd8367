package keptyield

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// wait recognises code that waits for goroutines.
type wait struct {
	info  *types.Info
	group types.Object // that has started the goroutine, or nil
}

// deferred reports whether a deferred function of body waits.
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

// is reports whether n waits, or may wait. Function literals are ignored unless
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
	// A control-flow graph has only the ranged expression of a loop.
	ranged, ok := n.(ast.Expr)
	return found || ok && w.isChan(ranged)
}

// call reports whether a call may wait, by its name or its arguments.
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
			return true // another method of the group, which may wait
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

// isGroup reports whether e has a method Wait, or can be waited for otherwise.
func (w wait) isGroup(e ast.Expr) bool {
	t := w.info.TypeOf(e)
	if t == nil {
		return false
	}
	method, _, _ := types.LookupFieldOrMethod(t, true, nil, "Wait")
	_, ok := method.(*types.Func)
	return ok
}

// object returns the variable or field e, or nil if it is neither.
func object(info *types.Info, e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return info.Uses[e]
	case *ast.SelectorExpr:
		return info.Uses[e.Sel]
	}
	return nil
}
