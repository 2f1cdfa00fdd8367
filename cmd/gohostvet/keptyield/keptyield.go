// Package keptyield finds goroutines that use the yield of a sequence although
// the sequence does not wait for them.
package keptyield

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

// Analyzer reports goroutines that keep a yield.
var Analyzer = &analysis.Analyzer{
	Name: "keptyield",
	Doc: `report goroutines that use yield although the sequence does not wait for them

A sequence ends when its function returns. A goroutine that yields must have ended
by then:

	return func(yield func(*pb.Event, error) bool) {
		go func() { yield(event, nil) }() // and nothing waits for it
	}

These count as waiting, after the goroutine has started or in a defer: a method
Wait, such as that of sync.WaitGroup, receiving from a channel, select, and a call
with a channel or such a group as an argument.`,
	URL:      "https://pkg.go.dev/github.com/gohostrpc/gohost/cmd/gohostvet",
	Requires: []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	cfgs := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
	in.Preorder([]ast.Node{(*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)}, func(f ast.Node) {
		body := flow.Body(f)
		if body == nil || !sequence.IsFunction(pass.TypesInfo, f) {
			return
		}
		s := seq{pass.TypesInfo, body, map[types.Object]bool{sequence.Yield(pass.TypesInfo, f): true}}
		s.addClosures()
		for _, start := range s.starts() {
			w := wait{pass.TypesInfo, start.group}
			waits := w.deferred(body) || flow.After(flow.Of(cfgs, f), start.at.Pos(), nil, func(n ast.Node) flow.Step {
				if w.is(n) {
					return flow.Found
				}
				return flow.GoOn
			})
			if !waits {
				pass.ReportRangef(start.at, "the goroutine uses %s, but the sequence does not wait for it: yield must not be used after the sequence has returned", sequence.Yield(pass.TypesInfo, f).Name())
			}
		}
	})
	return nil, nil
}

// seq is the function of a sequence.
type seq struct {
	info   *types.Info
	body   *ast.BlockStmt
	yields map[types.Object]bool // its yield, and functions that use it
}

// inspect visits the nodes of the function that are not in a literal.
func (s seq) inspect(visit func(ast.Node)) {
	ast.Inspect(s.body, func(n ast.Node) bool {
		visit(n)
		_, literal := n.(*ast.FuncLit)
		return !literal
	})
}

// addClosures adds the local functions that use the yield.
func (s seq) addClosures() {
	s.inspect(func(n ast.Node) {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != len(assign.Rhs) {
			return
		}
		for i, value := range assign.Rhs {
			target, ok := assign.Lhs[i].(*ast.Ident)
			if _, literal := ast.Unparen(value).(*ast.FuncLit); ok && literal && s.uses(value) {
				s.yields[s.info.ObjectOf(target)] = true
			}
		}
	})
}

// start is where a goroutine starts that uses the yield.
type start struct {
	at    ast.Node
	group types.Object // has the method that starts it; nil for a go statement
}

// starts returns the go statements, and the calls of methods such as
// errgroup.Group.Go and sync.WaitGroup.Go.
func (s seq) starts() (starts []start) {
	s.inspect(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.GoStmt:
			if s.uses(n.Call) {
				starts = append(starts, start{at: n})
			}
		case *ast.CallExpr:
			if method, ok := n.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Go" && s.uses(n) {
				starts = append(starts, start{n, object(s.info, method.X)})
			}
		}
	})
	return starts
}

// uses reports whether n mentions the yield or a function that uses it.
func (s seq) uses(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if ident, ok := n.(*ast.Ident); ok && s.yields[s.info.Uses[ident]] {
			found = true
		}
		return !found
	})
	return found
}
