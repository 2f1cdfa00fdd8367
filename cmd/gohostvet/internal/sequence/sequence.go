// Package sequence recognises sequences that can fail, and the functions of
// gohost that use them.
package sequence

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// StreamPackage is the package whose functions are known.
const StreamPackage = "github.com/gohostrpc/gohost/stream"

// Is reports whether t is a sequence that can fail: an iter.Seq2[T, error], or
// another type with that underlying type.
func Is(t types.Type) bool {
	if t == nil {
		return false
	}
	f, ok := t.Underlying().(*types.Signature)
	return ok && f.Results().Len() == 0 && f.Params().Len() == 1 && IsYield(f.Params().At(0).Type())
}

// IsYield reports whether t is the yield of such a sequence: func(T, error)
// bool.
func IsYield(t types.Type) bool {
	f, ok := t.Underlying().(*types.Signature)
	return ok && f.Params().Len() == 2 && IsError(f.Params().At(1).Type()) &&
		f.Results().Len() == 1 && types.Identical(f.Results().At(0).Type(), types.Typ[types.Bool])
}

// IsError reports whether t is the type error.
func IsError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// Yield returns the yield of the function f, a declaration or a literal, or
// nil.
func Yield(info *types.Info, f ast.Node) types.Object {
	t := signature(info, f)
	for param := range t.Params().Variables() {
		if IsYield(param.Type()) && (param.Name() == "yield" || Is(t)) {
			return param
		}
	}
	return nil
}

// Yields returns the yields of all functions.
func Yields(info *types.Info, in *inspector.Inspector) map[types.Object]bool {
	yields := make(map[types.Object]bool)
	in.Preorder([]ast.Node{(*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)}, func(f ast.Node) {
		if yield := Yield(info, f); yield != nil {
			yields[yield] = true
		}
	})
	return yields
}

// IsFunction reports whether the function f, a declaration or a literal, is a sequence.
func IsFunction(info *types.Info, f ast.Node) bool { return Is(signature(info, f)) }

// signature returns the type of the function f, a declaration or a literal.
func signature(info *types.Info, f ast.Node) *types.Signature {
	if decl, ok := f.(*ast.FuncDecl); ok {
		return info.TypeOf(decl.Name).(*types.Signature)
	}
	return info.TypeOf(f.(*ast.FuncLit)).(*types.Signature)
}

// IsCall reports whether e is a call of one of the functions names of the package path.
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

// Scopes are the functions of package stream that take a function and pass it a
// context which ends with its call.
var Scopes = []string{"Scope", "ScopeResult", "Within", "FirstWithin", "Resume"}

// IsOfStream reports whether call calls a function or method of package stream.
func IsOfStream(info *types.Info, call *ast.CallExpr) bool {
	f := typeutil.StaticCallee(info, call)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == StreamPackage
}
