package unscoped

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/given"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// checkOutside reports functions passed to stream.Scope and the like that
// ignore the context that they get and pass another one to a call.
func checkOutside(pass *analysis.Pass, in *inspector.Inspector) {
	for _, f := range given.To(pass.TypesInfo, in, sequence.Scopes...) {
		if !ignoresContext(pass.TypesInfo, in, f) {
			continue
		}
		if ctx := otherContext(pass.TypesInfo, f); ctx != nil {
			pass.ReportRangef(ctx, "this context outlives the call: the function that makes the call is given one that ends with it")
		}
	}
}

// ignoresContext reports whether the first parameter of f is a context that it
// does not use.
func ignoresContext(info *types.Info, in *inspector.Inspector, f inspector.Cursor) bool {
	params := given.Type(f).Params.List
	if len(params) == 0 || !sequence.IsContext(info.TypeOf(params[0].Type)) {
		return false
	}
	if len(params[0].Names) == 0 {
		return true
	}
	for range usage.Of(info, in, info.Defs[params[0].Names[0]]) {
		return false
	}
	return true
}

// otherContext returns the first context that f passes to a call, or nil.
func otherContext(info *types.Info, f inspector.Cursor) ast.Expr {
	for c := range f.Preorder((*ast.CallExpr)(nil)) {
		for _, arg := range c.Node().(*ast.CallExpr).Args {
			if t := info.TypeOf(arg); t != nil && sequence.IsContext(t) {
				return arg
			}
		}
	}
	return nil
}
