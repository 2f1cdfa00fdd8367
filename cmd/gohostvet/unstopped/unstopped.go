// Package unstopped finds sequences that are pulled, or in a channel, and never
// stopped.
package unstopped

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/contexts"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// Analyzer reports pulled sequences and channels of sequences that nothing stops.
var Analyzer = &analysis.Analyzer{
	Name: "unstopped",
	Doc: `report sequences that are pulled, or in a channel, and never stopped

iter.Pull2 starts to range a sequence at the first next, and continues until the
sequence ends or stop is called. Without a stop the RPC of a stub stays open:

	next, _ := iter.Pull2(stub.List(ctx, req)) // next, stop := …; defer stop()

The check reports a stop that is assigned to the blank identifier or not used. It
does the same for stream.ToRecv, and for an iter.Pull of a sequence without errors
that ranges one with errors.

A stream.Chan ranges its sequence on a goroutine, until that ends or is stopped:

	events := stream.ToChan(ctx, stub.List(ctx, req)) // defer events.Stop()

The check reports a Chan that is not stopped in the function that makes it. There
is no report if the Chan is returned, stored or passed on, if C is ranged until it
is closed, if the function makes the context and uses its cancel function, or if
the context is that of a test.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	for c := range in.Root().Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if sequence.IsCall(pass.TypesInfo, call, sequence.StreamPackage, "ToChan") {
			if !isStopped(pass.TypesInfo, in, c) && !contexts.End(pass.TypesInfo, in, c, call.Args[0]) {
				pass.ReportRangef(call, "the Chan is never stopped, and its goroutine stays: defer its Stop")
			}
			continue
		}
		if !pullsStream(pass.TypesInfo, call) {
			continue
		}
		targets := usage.Targets(c)
		if len(targets) != 2 { // both results are passed on
			continue
		}
		if stop := usage.Local(pass.TypesInfo, targets[1]); usage.IsBlank(targets[1]) || stop != nil && !isUsed(pass, in, stop) {
			pass.ReportRangef(call, "the sequence is never stopped, and its RPC stays open: next, stop := …; defer stop()")
		}
	}
	return nil, nil
}

func isUsed(pass *analysis.Pass, in *inspector.Inspector, v types.Object) bool {
	for range usage.Of(pass.TypesInfo, in, v) {
		return true
	}
	return false
}

// isStopped reports whether the Chan that is made at c is stopped, ranged until
// it is closed, or used by unknown code.
func isStopped(info *types.Info, in *inspector.Inspector, c inspector.Cursor) bool {
	members, ok := usage.Members(info, in, c)
	if !ok {
		return true
	}
	return slices.ContainsFunc(members, func(m inspector.Cursor) bool {
		ranged := usage.Outer(m).ParentEdgeKind() == edge.RangeStmt_X
		return ranged || m.Node().(*ast.SelectorExpr).Sel.Name == "Stop"
	})
}

// pullsStream reports whether call pulls a sequence that can fail, or one made
// from such a sequence.
func pullsStream(info *types.Info, call *ast.CallExpr) bool {
	switch {
	case sequence.IsCall(info, call, sequence.StreamPackage, "ToRecv"):
		return true
	case sequence.IsCall(info, call, "iter", "Pull2"):
		return sequence.Is(info.TypeOf(call.Args[0]))
	case sequence.IsCall(info, call, "iter", "Pull"):
		switch seq := ast.Unparen(call.Args[0]).(type) {
		case *ast.CallExpr:
			return slices.ContainsFunc(seq.Args, func(arg ast.Expr) bool { return sequence.Is(info.TypeOf(arg)) })
		case *ast.FuncLit:
			return ranges(info, seq)
		}
	}
	return false
}

// ranges reports whether f ranges a sequence that can fail.
func ranges(info *types.Info, f *ast.FuncLit) bool {
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if loop, ok := n.(*ast.RangeStmt); ok && sequence.Is(info.TypeOf(loop.X)) {
			found = true
		}
		return !found
	})
	return found
}
