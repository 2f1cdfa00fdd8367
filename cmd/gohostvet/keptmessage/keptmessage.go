// Package keptmessage finds messages that are kept past their iteration
// although the next one is received into them.
package keptmessage

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/flow"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
)

// Analyzer reports messages that are kept past their iteration although their
// sequence reuses them.
var Analyzer = &analysis.Analyzer{
	Name: "keptmessage",
	Doc: `report reused messages that are kept past their iteration

With stream.ReuseMessages and stream.ReuseRequests all messages of a stream are
received into one message, which is valid until the next iteration:

	reusing := service.With(stream.ReuseMessages())
	for msg, err := range reusing.List(ctx, req) {
		…
		all = append(all, msg) // the same message, again and again: proto.CloneOf(msg)
	}

The check reports a message that is assigned to a variable that outlives the
iteration, sent to a channel, or passed to another goroutine or a deferred
function, if the loop may go on. For a message with ResetVT, which vtprotobuf
pools, it reports the same of its inner messages. It reports stream.Collect,
stream.ToChan and stream.Open, which keep a message when the next one is
received. It knows only within a package whether a stub reuses messages.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	cfgs := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
	r := newReuse(pass)
	if !r.possible {
		return nil, nil
	}
	in.Preorder([]ast.Node{(*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)}, func(f ast.Node) {
		body := flow.Body(f)
		if body == nil {
			return
		}
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false // literals are visited separately
			case *ast.CallExpr:
				r.checkCall(pass, n)
			case *ast.RangeStmt:
				if msg := messageOf(pass.TypesInfo, n); msg != nil && r.sequence(n.X) {
					l := loop{pass: pass, reuse: r, cfg: flow.Of(cfgs, f), body: body, stmt: n, msgs: map[types.Object]bool{msg: true}}
					l.check()
				}
			}
			return true
		})
	})
	return nil, nil
}

// checkCall reports a call of a function that holds a message while the next
// one is received.
func (r *reuse) checkCall(pass *analysis.Pass, call *ast.CallExpr) {
	is := func(name string) bool { return sequence.IsCall(r.info, call, sequence.StreamPackage, name) }
	switch {
	case is("Collect") && r.sequence(call.Args[0]):
		pass.ReportRangef(call, "all collected messages are the same reused message: clone them with stream.Map first")
	case is("ToChan") && r.sequence(call.Args[1]):
		pass.ReportRangef(call, "a Chan receives the next message while this one is in use, and both are the same reused message")
	case is("Open") && r.method(call.Args[1]):
		pass.ReportRangef(call, "a conversation receives one message ahead, and all are the same reused message")
	}
}

// messageOf returns the variable for the messages of a loop, or nil.
func messageOf(info *types.Info, loop *ast.RangeStmt) types.Object {
	ident, ok := loop.Key.(*ast.Ident)
	if !ok || !sequence.Is(info.TypeOf(loop.X)) {
		return nil
	}
	return info.ObjectOf(ident)
}
