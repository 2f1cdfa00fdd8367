package migrate

import (
	"go/ast"
	"go/types"
	"slices"
)

// answers makes of a client-streaming handler one that returns its answer.
func (h *handler) answers() string {
	if len(h.decl.Type.Results.List[0].Names) > 0 {
		return "the result has a name"
	}
	closed := make(map[*ast.CallExpr]bool)
	closing := h.closesBefore(closed)
	unanswered := false
	for _, ret := range h.returns() {
		if closing[ret] {
			continue
		}
		if len(ret.Results) != 1 {
			return "a return without a result"
		}
		call, _ := ast.Unparen(ret.Results[0]).(*ast.CallExpr)
		switch d := h.delegationAt(ret); {
		case d != nil:
			h.delegated(d)
		case call != nil && h.isClose(call):
			closed[call] = true
			h.plan.replace(h.f, call.Pos(), call.Args[0].Pos(), "")
			h.plan.replace(h.f, call.Args[0].End(), call.End(), ", nil")
		default:
			unanswered = unanswered || h.f.pkg.Info.Types[ret.Results[0]].IsNil()
			h.plan.replace(h.f, ret.Results[0].Pos(), ret.Results[0].Pos(), "nil, ")
		}
	}
	for _, call := range h.closes {
		if !closed[call] {
			return "SendAndClose is not directly before its return"
		}
	}
	if unanswered {
		if reason := h.doubt(answerDoubt, answerNote); reason != "" {
			return reason
		}
	}
	h.signature("("+h.typeName(h.method.res)+", error)", h.receives())
	return ""
}

// closesBefore plans the returns before which SendAndClose is called in a statement of its
// own, and returns them.
func (h *handler) closesBefore(closed map[*ast.CallExpr]bool) map[*ast.ReturnStmt]bool {
	returns := make(map[*ast.ReturnStmt]bool)
	for _, call := range h.closes {
		stmt, err := h.statement(call)
		stmts := list(h.f.parents[stmt])
		i := slices.Index(stmts, stmt)
		if i < 0 || i+1 == len(stmts) || len(call.Args) != 1 || h.f.function(call) != h.decl {
			continue
		}
		next := i + 1
		if _, ok := stmts[next].(*ast.IfStmt); ok && err != nil && h.returned(call) && next+1 < len(stmts) {
			next++
		}
		ret, ok := stmts[next].(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 || !h.f.pkg.Info.Types[ret.Results[0]].IsNil() && (err == nil || uses(h.f.pkg.Info, ret.Results[0]) != err) {
			continue
		}
		closed[call], returns[ret] = true, true
		for _, r := range h.returns() {
			if stmt.Pos() <= r.Pos() && r.Pos() < ret.Pos() {
				returns[r] = true
			}
		}
		h.plan.add(h.f, planned{span: span{stmt.Pos(), ret.End()}, before: "return ", moved: span{call.Args[0].Pos(), call.Args[0].End()}, after: ", nil"})
	}
	return returns
}

// statement returns the statement by which a SendAndClose is called, if that does no more
// than return its error, and the variable of the error that it sets.
func (h *handler) statement(call *ast.CallExpr) (ast.Stmt, types.Object) {
	switch up := h.f.parent(call).(type) {
	case *ast.ExprStmt:
		return up, nil
	case *ast.AssignStmt:
		id, ok := up.Lhs[0].(*ast.Ident)
		if !ok || len(up.Lhs) != 1 {
			return nil, nil
		}
		err := h.f.pkg.Info.ObjectOf(id)
		check, ok := h.f.parents[up].(*ast.IfStmt)
		if !ok {
			return up, err
		}
		if h.returned(call) {
			return check, nil
		}
	}
	return nil, nil
}

func (h *handler) isClose(call *ast.CallExpr) bool {
	for _, c := range h.closes {
		if c == call {
			return len(call.Args) == 1
		}
	}
	return false
}
