// Package unscoped finds requests that may wait longer than their call lasts,
// and calls without the context that would end them.
package unscoped

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

// Analyzer reports sequences of requests that wait for a context which outlives
// the call.
var Analyzer = &analysis.Analyzer{
	Name: "unscoped",
	Doc: `report requests that wait for a context which outlives their call

A sequence such as stream.FromChan waits until its channel has a message or its
context ends. A call that ends before its context leaves the goroutine of its
requests behind, which then takes the next message from the channel:

	for res, err := range chat.Chat(ctx, stream.FromChan(ctx, outbox)) {

The context of stream.Scope, and of stream.ScopeResult for a client-streaming
call, ends with the call:

	responses := stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*pb.Res, error] {
		return chat.Chat(ctx, stream.FromChan(ctx, outbox))
	})
	for res, err := range responses {

There is no report if the function makes the context and cancels it right after
the call: by the next statement, or by a defer if only a return follows the call
or its loop. After a client-streaming call, other statements may come before the
cancel. A call in a loop needs a context of its own, made and cancelled in the loop.

The check also reports a function given to stream.Scope, ScopeResult, Within,
FirstWithin or Resume that ignores its context and makes its call with another
one, which neither the end of the loop nor a limit ends:

	stream.Within(ctx, time.Minute, func(context.Context) iter.Seq2[*pb.Res, error] {
		return stub.Subscribe(ctx, req)
	})

It knows the functions and methods of package stream that take a context, such as
FromChan, KeepOpen and Topic.Subscribe, the variables that hold their sequences,
and the results of stream.Map and the like. It does not follow a sequence through
other functions.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	checkOutside(pass, in)
	for c := range in.Root().Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		kind := kindOf(pass.TypesInfo, call)
		if kind == sequence.None {
			continue
		}
		reqs, ok := waiting(pass.TypesInfo, c.ChildAt(edge.CallExpr_Args, 1))
		if !ok {
			continue
		}
		e := end{pass.TypesInfo, in, c, kind}
		if !e.reaches(reqs) {
			pass.ReportRangef(call.Args[1], "the requests wait for a context that outlives the call: make the call in %s", scope(pass.TypesInfo, call, kind))
		}
	}
	return nil, nil
}

// kindOf returns the kind of the called method, if it is one of a service.
func kindOf(info *types.Info, call *ast.CallExpr) sequence.Kind {
	method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || info.Selections[method] == nil || info.Selections[method].Kind() != types.MethodVal {
		return sequence.None
	}
	return sequence.KindOf(info.TypeOf(call.Fun))
}

// waiting returns the call in the expression c whose result is a sequence that
// waits for its first argument, a context.
func waiting(info *types.Info, c inspector.Cursor) (call inspector.Cursor, ok bool) {
	switch e := c.Node().(type) {
	case *ast.ParenExpr:
		return waiting(info, c.ChildAt(edge.ParenExpr_X, -1))
	case *ast.Ident:
		if value, ok := usage.Before(info, c, info.ObjectOf(e)); ok {
			return waiting(info, value.At)
		}
	case *ast.CallExpr:
		if !sequence.Is(info.TypeOf(e)) || !sequence.IsOfStream(info, e) || len(e.Args) == 0 {
			break
		}
		if sequence.IsContext(info.TypeOf(e.Args[0])) {
			return c, true
		}
		for i := range e.Args {
			if call, ok := waiting(info, c.ChildAt(edge.CallExpr_Args, i)); ok {
				return call, true
			}
		}
	}
	return c, false
}

// scope returns the code to write around the call.
func scope(info *types.Info, call *ast.CallExpr, kind sequence.Kind) string {
	name, result := "Scope", types.TypeString(info.TypeOf(call), (*types.Package).Name)
	if kind == sequence.ClientStreaming {
		name, result = "ScopeResult", "("+types.TypeString(info.TypeOf(call).(*types.Tuple).At(0).Type(), (*types.Package).Name)+", error)"
	}
	return "stream." + name + "(ctx, func(ctx context.Context) " + result + " { return … }), with its ctx for both"
}
