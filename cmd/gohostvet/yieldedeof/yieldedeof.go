// Package yieldedeof finds sequences and methods that end with io.EOF.
package yieldedeof

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// Analyzer reports sequences and methods that end with io.EOF.
var Analyzer = &analysis.Analyzer{
	Name: "yieldedeof",
	Doc: `report io.EOF as the error of a sequence or of a method

A sequence without a failure returns, and yields no error. io.EOF ends a Recv
loop. As the error of a sequence it is a mistake: the call fails with Internal.

	yield(nil, io.EOF) // return

The same holds for a client-streaming method that returns io.EOF, and for the
functions that are passed to stream.Generate and stream.Map.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	yields := sequence.Yields(pass.TypesInfo, in)
	for c := range in.Root().Preorder((*ast.CallExpr)(nil), (*ast.ReturnStmt)(nil)) {
		switch n := c.Node().(type) {
		case *ast.CallExpr:
			f, ok := ast.Unparen(n.Fun).(*ast.Ident)
			if ok && yields[pass.TypesInfo.Uses[f]] && len(n.Args) == 2 && isEOF(pass.TypesInfo, n.Args[1]) {
				pass.ReportRangef(n, "io.EOF is a failure of the sequence, not its end: return without an error")
			}
		case *ast.ReturnStmt:
			if len(n.Results) == 0 || !isEOF(pass.TypesInfo, n.Results[len(n.Results)-1]) {
				continue
			}
			switch f, _ := usage.Function(c); {
			case isMethod(pass.TypesInfo, f):
				pass.ReportRangef(n, "io.EOF is a failure of the call: return a response or a status")
			case isOfSequence(pass.TypesInfo, f):
				pass.ReportRangef(n, "io.EOF is a failure of the sequence, not its end: return without an error")
			}
		}
	}
	return nil, nil
}

// isEOF reports whether e is io.EOF.
func isEOF(info *types.Info, e ast.Expr) bool {
	selector, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	object := info.Uses[selector.Sel]
	return object != nil && object.Name() == "EOF" && object.Pkg() != nil && object.Pkg().Path() == "io"
}

// isMethod reports whether f is a client-streaming method, or a literal that
// may be one. A helper of a handler may return io.EOF to it.
func isMethod(info *types.Info, f inspector.Cursor) bool {
	if decl, ok := f.Node().(*ast.FuncDecl); ok && (decl.Recv == nil || !decl.Name.IsExported()) {
		return false
	}
	return sequence.KindOfFunction(info, f.Node()) == sequence.ClientStreaming
}

// isOfSequence reports whether the error of f becomes that of a sequence of package
// stream.
func isOfSequence(info *types.Info, f inspector.Cursor) bool {
	f = usage.Outer(f)
	if f.ParentEdgeKind() != edge.CallExpr_Args {
		return false
	}
	return sequence.IsCall(info, f.Parent().Node().(ast.Expr), sequence.StreamPackage, "Generate", "Map")
}
