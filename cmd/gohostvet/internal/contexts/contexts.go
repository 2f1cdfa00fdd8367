// Package contexts finds out where contexts come from.
package contexts

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// Origin is the origin of a context. It is empty if the origin is unknown.
type Origin struct {
	Variable types.Object     // not set in the function, such as a parameter
	Made     inspector.Cursor // the call that returns it with the function Cancel
	Cancel   types.Object     // nil if there is none, or it is dropped
	OfTest   bool             // from testing.T.Context and the like
}

// Of returns the origin of the context e that is used at c. A context derived
// from another one, such as with a value, has the same origin.
func Of(info *types.Info, c inspector.Cursor, e ast.Expr) Origin {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		value, ok := usage.Before(info, c, info.ObjectOf(e))
		if !ok {
			return Origin{Variable: info.ObjectOf(e)}
		}
		if len(value.Targets) == 2 && cancels(info.TypeOf(value.Targets[1])) {
			return Origin{Made: value.At, Cancel: variable(info, value.Targets[1])}
		}
		return Of(info, value.At, value.At.Node().(ast.Expr))
	case *ast.CallExpr:
		if sequence.IsCall(info, e, "context", "WithoutCancel") {
			break
		}
		for _, arg := range e.Args {
			if sequence.IsContext(info.TypeOf(arg)) {
				return Of(info, c, arg)
			}
		}
		return Origin{OfTest: isOfTest(info, e)}
	}
	return Origin{}
}

// End reports whether the context e that is used at c is cancelled somewhere by
// its cancel function, or ends with a test.
func End(info *types.Info, in *inspector.Inspector, c inspector.Cursor, e ast.Expr) bool {
	origin := Of(info, c, e)
	if origin.Cancel == nil {
		return origin.OfTest
	}
	for range usage.Of(info, in, origin.Cancel) {
		return true
	}
	return false
}

func isOfTest(info *types.Info, call *ast.CallExpr) bool {
	f := typeutil.Callee(info, call)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == "testing" && f.Name() == "Context"
}

// cancels reports whether t is a context.CancelFunc or a
// context.CancelCauseFunc.
func cancels(t types.Type) bool {
	if t == nil { // the blank identifier has no type
		return true
	}
	f, ok := t.Underlying().(*types.Signature)
	return ok && f.Results().Len() == 0 && f.Params().Len() <= 1
}

func variable(info *types.Info, e ast.Expr) types.Object {
	ident, ok := e.(*ast.Ident)
	if !ok || usage.IsBlank(e) {
		return nil
	}
	return info.ObjectOf(ident)
}
