package unscoped

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/contexts"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/given"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/usage"
)

// end finds out what ends a call of a method.
type end struct {
	info *types.Info
	in   *inspector.Inspector
	call inspector.Cursor
	kind sequence.Kind
}

// reaches reports whether waits, the call that makes the sequence of requests,
// has a context that ends with the call of the method.
func (e end) reaches(waits inspector.Cursor) bool {
	origin := contexts.Of(e.info, waits, waits.Node().(*ast.CallExpr).Args[0])
	if origin.Variable != nil {
		return e.isScoped(origin.Variable)
	}
	return origin.Cancel != nil && e.isCancelled(origin)
}

// isScoped reports whether the variable is a parameter of a function that
// contains the call and is passed to a function with a scope.
func (e end) isScoped(variable types.Object) bool {
	for f := range e.call.Enclosing((*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		if isParameter(f, variable) {
			return given.Is(e.info, e.in, f, sequence.Scopes...)
		}
	}
	return false
}

func isParameter(f inspector.Cursor, variable types.Object) bool {
	params := given.Type(f).Params
	return params.Pos() <= variable.Pos() && variable.Pos() < params.End()
}

// isCancelled reports whether the context is cancelled once the call has ended.
func (e end) isCancelled(origin contexts.Origin) bool {
	f, _ := usage.Function(e.call)
	if made, _ := usage.Function(origin.Made); made != f {
		return false
	}
	loop := loopAround(e.call, f)
	if loop != nil && !within(origin.Made, loop) {
		return false
	}
	c := cancel{e.info, e.in, origin.Cancel}
	deferred := loop == nil && c.isDeferred()
	if e.kind == sequence.ClientStreaming {
		return deferred || c.isCalledAfter(e.call, loop)
	}
	switch ranging := e.ranging(e.call, loop); ranging.kind {
	case collected:
		return deferred || c.isCalledAfter(ranging.at, loop)
	case pulled:
		return deferred
	case ranged:
		next, ok := ranging.at.NextSibling()
		if !ok {
			return deferred && ranging.at.Parent().Parent() == f
		}
		_, returns := next.Node().(*ast.ReturnStmt)
		return deferred && returns || c.isCall(next)
	}
	return false
}

// loopAround returns the body of the innermost loop around c in the function f,
// or nil.
func loopAround(c, f inspector.Cursor) *ast.BlockStmt {
	for n := range c.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		if n == f {
			break
		}
		var body *ast.BlockStmt
		switch n := n.Node().(type) {
		case *ast.ForStmt:
			body = n.Body
		case *ast.RangeStmt:
			body = n.Body
		}
		if body != nil && within(c, body) { // and not in the ranged expression
			return body
		}
	}
	return nil
}

func within(c inspector.Cursor, outer ast.Node) bool {
	return outer.Pos() <= c.Node().Pos() && c.Node().End() <= outer.End()
}

// ranging says how the responses are ranged.
type ranging struct {
	kind
	at inspector.Cursor
}

type kind int

const (
	unknown   kind = iota
	ranged         // by the loop at
	collected      // by the call at
	pulled         // by an iter.Pull2 or stream.ToRecv whose stop is deferred
)

// ranging finds out where the sequence of responses c is ranged.
func (e end) ranging(c inspector.Cursor, loop *ast.BlockStmt) ranging {
	c = usage.Outer(c)
	switch c.ParentEdgeKind() {
	case edge.RangeStmt_X:
		at := c.Parent()
		if _, ok := at.Parent().Node().(*ast.LabeledStmt); ok {
			at = at.Parent()
		}
		return ranging{ranged, at}
	case edge.CallExpr_Args:
		around := c.Parent()
		call := around.Node().(*ast.CallExpr)
		switch {
		case sequence.IsCall(e.info, call, sequence.StreamPackage, "Collect"):
			return ranging{collected, around}
		case sequence.IsOfStream(e.info, call) && sequence.Is(e.info.TypeOf(call)):
			return e.ranging(around, loop)
		case sequence.IsCall(e.info, call, "iter", "Pull2"), sequence.IsCall(e.info, call, sequence.StreamPackage, "ToRecv"):
			targets := usage.Targets(around)
			if len(targets) == 2 && usage.Local(e.info, targets[1]) != nil {
				stop := cancel{e.info, e.in, usage.Local(e.info, targets[1])}
				if stop.isDeferred() {
					return ranging{pulled, around}
				}
			}
		}
	}
	// A variable that is ranged in one place counts as the sequence itself.
	targets := usage.Targets(c)
	if len(targets) != 1 || usage.Local(e.info, targets[0]) == nil {
		return ranging{}
	}
	var found ranging
	for use := range usage.Of(e.info, e.in, usage.Local(e.info, targets[0])) {
		if use.Node().Pos() < c.Node().End() {
			continue
		}
		f, _ := usage.Function(use)
		if here, _ := usage.Function(e.call); f != here || loopAround(use, f) != loop {
			return ranging{}
		}
		next := e.ranging(use, loop)
		if found.kind != unknown && found != next {
			return ranging{}
		}
		found = next
	}
	return found
}
