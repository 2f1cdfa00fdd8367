package migrate

import (
	"go/ast"
	"go/types"
	"slices"
)

// passesOn reports whether the errors of fn, a function that sends, are ignored, or end the
// handler as they are.
func (h *handler) passesOn(fn ast.Expr, seen ...types.Object) bool {
	switch up := h.f.parent(fn).(type) {
	case *ast.CallExpr:
		if ast.Unparen(up.Fun) == fn {
			return h.returned(up, seen...)
		}
		if start, ok := h.f.parent(up).(*ast.ExprStmt); ok && isGroup(h.f, up) {
			return h.waitReturned(start)
		}
		in, v := h.argument(up, fn)
		if in == nil || !slices.Contains(seen, v) && !in.callsPassOn(v, append(seen, v)...) {
			return false
		}
		return h.returned(up, seen...)
	case *ast.AssignStmt:
		return h.callsPassOn(defined(h.f, up), seen...)
	}
	return false
}

// callsPassOn is passesOn for all calls of v.
func (h *handler) callsPassOn(v types.Object, seen ...types.Object) bool {
	return v != nil && !slices.ContainsFunc(usesOf(h.f, v), func(id *ast.Ident) bool { return !h.passesOn(id, seen...) })
}

// returned reports whether the error of call, which sends, is ignored, or ends the handler
// as it is.
func (h *handler) returned(call ast.Expr, seen ...types.Object) bool {
	switch up := h.f.parent(call).(type) {
	case *ast.ExprStmt, *ast.DeferStmt:
		return true
	case *ast.ReturnStmt:
		return h.endsWithIt(call, seen...)
	case *ast.SendStmt:
		return h.arrives(up)
	case *ast.AssignStmt:
		id, ok := up.Lhs[len(up.Lhs)-1].(*ast.Ident)
		if !ok || len(up.Rhs) != 1 {
			return false
		}
		if id.Name == "_" {
			return true
		}
		check := h.checkAfter(up)
		if check == nil || check.Else != nil || !isFailure(h.f.pkg.Info, check.Cond, h.f.pkg.Info.ObjectOf(id)) {
			return false
		}
		err := h.f.pkg.Info.ObjectOf(id)
		switch body := check.Body.List; len(body) {
		case 1:
			ret, ok := body[0].(*ast.ReturnStmt)
			return ok && len(ret.Results) > 0 && uses(h.f.pkg.Info, ret.Results[len(ret.Results)-1]) == err && h.endsWithIt(call, seen...)
		case 2:
			send, ok := body[0].(*ast.SendStmt)
			_, ok2 := body[1].(*ast.ReturnStmt)
			return ok && ok2 && uses(h.f.pkg.Info, send.Value) == err && h.arrives(send)
		}
	}
	return false
}

// arrives reports whether an error that send sends to a channel, at the end of a
// goroutine, ends the handler, which waits for it.
func (h *handler) arrives(send *ast.SendStmt) bool {
	lit, ok := h.f.function(send).(*ast.FuncLit)
	if !ok {
		return false
	}
	start, ok := h.f.parents[h.f.parent(lit)].(*ast.GoStmt)
	if !ok {
		return false
	}
	g, reason := h.waited(start, lit)
	if reason != "" {
		return false
	}
	wait, ok := g.wait.(*ast.UnaryExpr)
	return ok && uses(h.f.pkg.Info, wait.X) == uses(h.f.pkg.Info, send.Chan) && h.returned(wait)
}

// checkAfter returns the if statement that s is a part of, or that always follows it.
func (h *handler) checkAfter(s ast.Stmt) *ast.IfStmt {
	if check, ok := h.f.parents[s].(*ast.IfStmt); ok && check.Init == s {
		return check
	}
	for {
		stmts := list(h.f.parents[s])
		i := slices.Index(stmts, s)
		if i < 0 {
			return nil
		}
		if i+1 < len(stmts) {
			check, ok := stmts[i+1].(*ast.IfStmt)
			if !ok || check.Init != nil {
				return nil
			}
			return check
		}
		up, ok := h.f.parents[h.f.parents[s]].(*ast.IfStmt)
		if !ok {
			return nil
		}
		for { // else if
			outer, ok := h.f.parents[up].(*ast.IfStmt)
			if !ok {
				break
			}
			up = outer
		}
		s = up
	}
}

// endsWithIt reports whether an error that the function returns in which n is ends the
// handler as it is. It may be a function literal.
func (h *handler) endsWithIt(n ast.Node, seen ...types.Object) bool {
	lit, ok := h.f.function(n).(*ast.FuncLit)
	return !ok || h.passesOn(lit, seen...)
}

// waitReturned reports whether start gives a function to an errgroup whose Wait is returned.
func (h *handler) waitReturned(start ast.Stmt) bool {
	g, reason := h.waited(start, nil)
	if reason != "" || !g.group {
		return false
	}
	wait, ok := g.wait.(*ast.CallExpr)
	return ok && h.returned(wait)
}
