package keptmessage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/cfg"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/flow"
)

// loop is a loop over a sequence whose messages are reused.
type loop struct {
	pass  *analysis.Pass
	reuse *reuse
	cfg   *cfg.CFG
	body  *ast.BlockStmt // of the function
	stmt  *ast.RangeStmt
	msgs  map[types.Object]bool // the variables of the loop that hold the message
}

// check reports everything that keeps the message.
func (l *loop) check() {
	ast.Inspect(l.stmt.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			for i, target := range n.Lhs {
				if len(n.Lhs) == len(n.Rhs) && l.holds(n.Rhs[i]) {
					l.assigned(n, target)
				}
			}
		case *ast.SendStmt:
			if l.holds(n.Value) && l.goesOn(n, nil) {
				l.report(n.Value, "sent to a channel")
			}
		case *ast.GoStmt:
			if l.uses(n.Call) && l.goesOn(n, nil) {
				l.report(n.Call, "used by another goroutine")
			}
		case *ast.DeferStmt:
			if l.uses(n.Call) && l.goesOn(n, nil) {
				l.report(n.Call, "used by a deferred function")
			}
		case *ast.CallExpr: // errgroup.Group.Go, sync.WaitGroup.Go
			if method, ok := n.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Go" && l.uses(n) && l.goesOn(n, nil) {
				l.report(n, "used by another goroutine")
			}
		}
		return true
	})
}

func (l *loop) report(at ast.Node, how string) {
	l.pass.ReportRangef(at, "the message is %s past its iteration, but is reused for the next one: clone it", how)
}

// assigned checks an assignment of the message to target.
func (l *loop) assigned(at *ast.AssignStmt, target ast.Expr) {
	if ident, ok := ast.Unparen(target).(*ast.Ident); ok {
		object := l.pass.TypesInfo.ObjectOf(ident)
		switch {
		case object == nil: // the blank identifier
			return
		case within(object.Pos(), l.stmt.Body):
			l.msgs[object] = true
			return
		case within(object.Pos(), l.body):
			// A local variable keeps the message if it is used after the
			// message is replaced.
			if l.goesOn(at, object) {
				l.report(at, "kept")
			}
			return
		}
	}
	if l.goesOn(at, nil) {
		l.report(at, "kept")
	}
}

// goesOn reports whether another message may be received after the statement at
// and, if kept is not nil, whether that variable is used then.
func (l *loop) goesOn(at ast.Node, kept types.Object) bool {
	requests := l.reuse.handlerRequests(l.stmt.X)
	return flow.After(l.cfg, at.Pos(), func(b *cfg.Block) bool {
		next, ok := b.Stmt.(*ast.RangeStmt)
		if b.Kind != cfg.KindRangeBody || !ok {
			return false
		}
		// Ranging over a handler's requests again continues with them; ranging
		// over the sequence of a stub makes another call.
		if next != l.stmt && (requests == nil || l.reuse.handlerRequests(next.X) != requests) {
			return false
		}
		return kept == nil || flow.From(b, func(n ast.Node) flow.Step { return l.use(n, kept) })
	}, nil)
}

// use returns whether the statement n uses the variable, or sets it again.
func (l *loop) use(n ast.Node, variable types.Object) flow.Step {
	set := make(map[*ast.Ident]bool)
	if assign, ok := n.(*ast.AssignStmt); ok && assign.Tok == token.ASSIGN {
		for _, target := range assign.Lhs {
			if ident, ok := target.(*ast.Ident); ok && l.pass.TypesInfo.Uses[ident] == variable {
				set[ident] = true
			}
		}
	}
	step := flow.GoOn
	if len(set) > 0 {
		step = flow.Stop
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if ident, ok := n.(*ast.Ident); ok && l.pass.TypesInfo.Uses[ident] == variable && !set[ident] {
			step = flow.Found
		}
		return true
	})
	return step
}

// holds reports whether the value of e is or contains the message.
func (l *loop) holds(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return l.msgs[l.pass.TypesInfo.Uses[e]]
	case *ast.UnaryExpr:
		return e.Op == token.AND && l.holds(e.X)
	case *ast.KeyValueExpr:
		return l.holds(e.Value)
	case *ast.CompositeLit:
		return slices.ContainsFunc(e.Elts, l.holds)
	case *ast.CallExpr:
		f := l.pass.TypesInfo.Types[e.Fun]
		ident, _ := e.Fun.(*ast.Ident)
		if f.IsType() || f.IsBuiltin() && ident != nil && ident.Name == "append" {
			return slices.ContainsFunc(e.Args, l.holds)
		}
	}
	return l.inside(e)
}

// inside reports whether the value of e is part of a message whose inner
// messages are reused too, since vtprotobuf pools them. Other codecs allocate
// new ones.
func (l *loop) inside(e ast.Expr) bool {
	var whole ast.Expr
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		whole = e.X
	case *ast.IndexExpr:
		whole = e.X
	case *ast.SliceExpr:
		whole = e.X
	case *ast.CallExpr:
		getter, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
		if !ok || len(e.Args) > 0 || !strings.HasPrefix(getter.Sel.Name, "Get") {
			return false
		}
		whole = getter.X
	default:
		return false
	}
	return refers(l.pass.TypesInfo.TypeOf(e)) && (l.holds(whole) && pooled(l.pass.TypesInfo.TypeOf(whole)) || l.inside(whole))
}

// pooled reports whether messages of a type give their inner messages to a
// pool.
func pooled(t types.Type) bool {
	reset, _, _ := types.LookupFieldOrMethod(t, true, nil, "ResetVT")
	_, ok := reset.(*types.Func)
	return ok
}

// refers reports whether copies of a value of type t share memory.
func refers(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Interface:
		return true
	}
	return false
}

// uses reports whether n mentions the message.
func (l *loop) uses(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if ident, ok := n.(*ast.Ident); ok && l.msgs[l.pass.TypesInfo.Uses[ident]] {
			found = true
		}
		return !found
	})
	return found
}

func within(pos token.Pos, n ast.Node) bool { return n.Pos() <= pos && pos < n.End() }
