// Package sequence tells which types are sequences that can fail, and what the
// packages of gohost do with them.
package sequence

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// The packages whose functions are known.
const (
	StreamPackage = "github.com/gohostrpc/gohost/stream"
	StubPackage   = "github.com/gohostrpc/gohost/stub"
)

// Is tells whether t is a sequence that can fail: an iter.Seq2[T, error], or
// another type of that shape.
func Is(t types.Type) bool {
	if t == nil {
		return false
	}
	f, ok := t.Underlying().(*types.Signature)
	return ok && f.Results().Len() == 0 && f.Params().Len() == 1 && !f.Variadic() && IsYield(f.Params().At(0).Type())
}

// IsYield tells whether t is the yield of such a sequence: func(T, error) bool.
func IsYield(t types.Type) bool {
	f, ok := t.Underlying().(*types.Signature)
	return ok && f.Params().Len() == 2 && !f.Variadic() && isError(f.Params().At(1).Type()) &&
		f.Results().Len() == 1 && types.Identical(f.Results().At(0).Type(), types.Typ[types.Bool])
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// IsCall tells whether e is a call of one of the functions names of the package path.
func IsCall(info *types.Info, e ast.Expr, path string, names ...string) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	f := typeutil.StaticCallee(info, call)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != path {
		return false
	}
	for _, name := range names {
		if f.Name() == name {
			return true
		}
	}
	return false
}
