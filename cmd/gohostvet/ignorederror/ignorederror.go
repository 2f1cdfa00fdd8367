// Package ignorederror finds loops that see the error of a sequence and do
// nothing about it.
package ignorederror

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// Analyzer reports conditions on the error of a sequence that lead to nothing.
var Analyzer = &analysis.Analyzer{
	Name: "ignorederror",
	Doc: `report loops that compare the error of a sequence and ignore it

The error of a sequence comes with its last iteration. A loop that skips it ends
like the loop over a sequence that is complete:

	for msg, err := range stub.List(ctx, req) {
		if err != nil {
			continue // return err
		}
		…
	}

The check reports an "if err != nil" whose body only continues or prints a text
without the error, if the error is not used anywhere else. It checks sequences
of messages and of package stream. Others may go on after an error.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	for c := range in.Root().Preorder((*ast.RangeStmt)(nil)) {
		loop := c.Node().(*ast.RangeStmt)
		if loop.Value == nil || !isStream(pass.TypesInfo, loop.X) {
			continue
		}
		err := usage.Local(pass.TypesInfo, loop.Value)
		if err == nil { // other code may check it
			continue
		}
		for _, check := range checks(pass.TypesInfo, in, err) {
			if within(check, loop.Body) && ignores(pass.TypesInfo, check.Body, c) {
				pass.ReportRangef(check.Cond, "the error of the sequence is ignored: it is the last iteration, so return %s or use it", err.Name())
			}
		}
	}
	return nil, nil
}

// isStream reports whether e is a sequence that ends with its error: one of
// messages or of package stream. Others may have an error for each element.
func isStream(info *types.Info, e ast.Expr) bool {
	if sequence.OfMessages(info.TypeOf(e)) {
		return true
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && sequence.IsOfStream(info, call)
}

// checks returns the statements "if err != nil", or none if the error is also
// used in another way.
func checks(info *types.Info, in *inspector.Inspector, err types.Object) (all []*ast.IfStmt) {
	for use := range usage.Of(info, in, err) {
		comparison := usage.Outer(usage.Outer(use).Parent())
		binary, ok := usage.Outer(use).Parent().Node().(*ast.BinaryExpr)
		if !ok || comparison.ParentEdgeKind() != edge.IfStmt_Cond || !isNil(info, binary.X) && !isNil(info, binary.Y) {
			return nil
		}
		if binary.Op == token.NEQ {
			all = append(all, comparison.Parent().Node().(*ast.IfStmt))
		}
	}
	return all
}

func isNil(info *types.Info, e ast.Expr) bool { return info.Types[e].IsNil() }

func within(n, outer ast.Node) bool { return outer.Pos() <= n.Pos() && n.End() <= outer.End() }

// ignores reports whether the body ignores the error in the loop.
func ignores(info *types.Info, body *ast.BlockStmt, loop inspector.Cursor) bool {
	for _, stmt := range body.List {
		switch stmt := stmt.(type) {
		case *ast.BranchStmt:
			if stmt.Tok != token.CONTINUE || stmt.Label != nil && stmt.Label.Name != labelOf(loop) {
				return false
			}
		case *ast.ExprStmt:
			call, ok := ast.Unparen(stmt.X).(*ast.CallExpr)
			if !ok || !prints(info, call) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// labelOf returns the label of the loop, or "".
func labelOf(loop inspector.Cursor) string {
	if labeled, ok := loop.Parent().Node().(*ast.LabeledStmt); ok {
		return labeled.Label.Name
	}
	return ""
}

// prints reports whether the call only prints. Other functions may do anything:
// count the failure, fail a test, end the process.
func prints(info *types.Info, call *ast.CallExpr) bool {
	f, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok || f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() {
	case "fmt", "log":
		switch f.Name() {
		case "Print", "Printf", "Println":
			return true
		}
	case "log/slog":
		switch f.Name() {
		case "Debug", "Info", "Warn", "Error":
			return true
		}
	}
	return false
}
