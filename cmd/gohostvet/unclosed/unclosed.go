// Package unclosed finds conversations that are opened and never closed.
package unclosed

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/contexts"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// Analyzer reports conversations that nothing ends.
var Analyzer = &analysis.Analyzer{
	Name: "unclosed",
	Doc: `report conversations that are never closed

A conversation keeps a call and a goroutine until it is ended:

	chat := stream.Open(ctx, stub.Chat) // defer chat.Close()
	if err := chat.Send(req); err != nil {
		return err
	}

The check reports a conversation that only sends and receives in the function
that opens it. There is no report if

  - Close is called or deferred,
  - the conversation is returned, stored or passed on,
  - the context is made in the function and its cancel function is used,
  - the context is that of a test, which ends with it, or
  - a "for" receives until an error: it has no condition, or one about an error.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	for c := range in.Root().Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if !sequence.IsCall(pass.TypesInfo, call, sequence.StreamPackage, "Open") {
			continue
		}
		if !ends(pass.TypesInfo, in, c) && !contexts.End(pass.TypesInfo, in, c, call.Args[0]) {
			pass.ReportRangef(call, "the conversation is never closed, and its call stays open: defer its Close")
		}
	}
	return nil, nil
}

// ends reports whether the conversation that is opened at c is ended, or may be
// ended by unknown code.
func ends(info *types.Info, in *inspector.Inspector, c inspector.Cursor) bool {
	outer := usage.Outer(c)
	switch outer.ParentEdgeKind() {
	case edge.ExprStmt_X:
		return false
	case edge.SelectorExpr_X:
		return useEnds(info, c)
	}
	targets := usage.Targets(c)
	if len(targets) == 1 && usage.IsBlank(targets[0]) {
		return false
	}
	if len(targets) != 1 || usage.Local(info, targets[0]) == nil {
		return true
	}
	for use := range usage.Of(info, in, usage.Local(info, targets[0])) {
		if useEnds(info, use) {
			return true
		}
	}
	return false
}

// useEnds reports whether c, a use of the conversation, may end it.
func useEnds(info *types.Info, c inspector.Cursor) bool {
	selector, ok := usage.Outer(c).Parent().Node().(*ast.SelectorExpr)
	if !ok {
		return true // it is passed on
	}
	method := usage.Outer(usage.Outer(c).Parent())
	if method.ParentEdgeKind() != edge.CallExpr_Fun {
		return true // its method is passed on
	}
	switch selector.Sel.Name {
	case "Send", "CloseSend":
		return false
	case "Recv":
		for loop := range method.Enclosing((*ast.ForStmt)(nil), (*ast.FuncDecl)(nil)) {
			if loop, ok := loop.Node().(*ast.ForStmt); ok && untilError(info, loop) {
				return true
			}
		}
		return false
	}
	return true
}

// untilError reports whether the loop may continue until there is an error.
func untilError(info *types.Info, loop *ast.ForStmt) bool {
	if loop.Cond == nil {
		return true
	}
	found := false
	ast.Inspect(loop.Cond, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && sequence.IsError(info.TypeOf(e)) {
			found = true
		}
		return !found
	})
	return found
}
