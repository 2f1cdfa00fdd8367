// Package given finds the functions that are passed to functions of package
// stream.
package given

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// To returns the functions of the package, declarations and literals, that are
// passed to one of the functions names of package stream: directly, or by their
// name or a variable.
func To(info *types.Info, in *inspector.Inspector, names ...string) []inspector.Cursor {
	var all []inspector.Cursor
	add := func(functions ...inspector.Cursor) {
		for _, f := range functions {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	var byName map[types.Object][]inspector.Cursor
	for c := range in.Root().Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if !sequence.IsCall(info, call, sequence.StreamPackage, names...) {
			continue
		}
		for i, arg := range call.Args {
			switch arg := ast.Unparen(arg).(type) {
			case *ast.FuncLit:
				add(unparen(c.ChildAt(edge.CallExpr_Args, i)))
			case *ast.Ident, *ast.SelectorExpr:
				if byName == nil {
					byName = named(info, in)
				}
				add(byName[object(info, arg)]...)
			}
		}
	}
	return all
}

// Is reports whether To returns f.
func Is(info *types.Info, in *inspector.Inspector, f inspector.Cursor, names ...string) bool {
	return slices.Contains(To(info, in, names...), f)
}

// named returns the functions of the package that have a name or a variable.
func named(info *types.Info, in *inspector.Inspector) map[types.Object][]inspector.Cursor {
	functions := make(map[types.Object][]inspector.Cursor)
	for f := range in.Root().Preorder((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if decl, ok := f.Node().(*ast.FuncDecl); ok {
			functions[info.Defs[decl.Name]] = append(functions[info.Defs[decl.Name]], f)
		} else if targets := usage.Targets(f); len(targets) == 1 {
			if v := usage.Local(info, targets[0]); v != nil {
				functions[v] = append(functions[v], f)
			}
		}
	}
	return functions
}

// object returns the function or variable that e names.
func object(info *types.Info, e ast.Expr) types.Object {
	ident, ok := e.(*ast.Ident)
	if !ok {
		ident = e.(*ast.SelectorExpr).Sel
	}
	if f, ok := info.Uses[ident].(*types.Func); ok {
		return f.Origin()
	}
	return info.Uses[ident]
}

func unparen(c inspector.Cursor) inspector.Cursor {
	for {
		if _, ok := c.Node().(*ast.ParenExpr); !ok {
			return c
		}
		c = c.ChildAt(edge.ParenExpr_X, -1)
	}
}

// Type returns the type of the function f, a declaration or a literal.
func Type(f inspector.Cursor) *ast.FuncType {
	if decl, ok := f.Node().(*ast.FuncDecl); ok {
		return decl.Type
	}
	return f.Node().(*ast.FuncLit).Type
}
