// Package droppederror finds code that drops the error of a sequence.
package droppederror

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// Analyzer reports loops and channels that drop the error of a sequence.
var Analyzer = &analysis.Analyzer{
	Name: "droppederror",
	Doc: `report loops that drop the error of a sequence

A stream that fails ends like one that is complete, except for the error of its
last iteration:

	for msg := range stub.List(ctx, req) { // a cut-off list looks complete
		…
	}

If an error does not matter, say so:

	for msg, err := range stub.List(ctx, req) {
		_ = err // part of the list is enough
	}

A failure closes the channel of a stream.Chan as well, and Err returns it:

	for msg := range events.C { // and then: return events.Err()
		…
	}`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	for c := range in.Root().Preorder((*ast.CallExpr)(nil)) {
		if dropsErr(pass.TypesInfo, in, c) {
			pass.ReportRangef(c.Node(), "the error of the sequence is never read: when C is closed, call Err")
		}
	}
	in.Preorder([]ast.Node{(*ast.RangeStmt)(nil)}, func(n ast.Node) {
		loop := n.(*ast.RangeStmt)
		if !sequence.Is(pass.TypesInfo.TypeOf(loop.X)) || loop.Value != nil && !isBlank(loop.Value) {
			return
		}
		if cannotFail(pass.TypesInfo, loop.X) {
			return
		}
		pass.ReportRangef(loop.X, "the loop drops the error of the sequence: range over msg, err")
	})
	return nil, nil
}

// dropsErr reports whether c makes a stream.Chan whose messages are received
// here and whose Err is not called.
func dropsErr(info *types.Info, in *inspector.Inspector, c inspector.Cursor) bool {
	call := c.Node().(*ast.CallExpr)
	if !sequence.IsCall(info, call, sequence.StreamPackage, "ToChan") || cannotFail(info, call.Args[1]) {
		return false
	}
	members, ok := usage.Members(info, in, c)
	if !ok {
		return false
	}
	is := func(name string) bool {
		return slices.ContainsFunc(members, func(m inspector.Cursor) bool { return m.Node().(*ast.SelectorExpr).Sel.Name == name })
	}
	return is("C") && !is("Err")
}

func cannotFail(info *types.Info, seq ast.Expr) bool {
	return sequence.IsCall(info, seq, sequence.StreamPackage, "Of", "From")
}

func isBlank(e ast.Expr) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == "_"
}
